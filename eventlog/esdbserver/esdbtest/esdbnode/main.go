// Command esdbnode is an EventStoreDB server in a process of its own, over an
// embedded log, for tests and benchmarks only: for what kills a server, or measures
// what one costs beside the program, on a machine that has no real one.
//
//	go run ./eventlog/esdbserver/esdbtest/esdbnode --data DIRECTORY
//
// It is no part of the program, and never will be. Whoever reaches it may append
// whatever they like to any stream, as to a real server, and so go around every
// rule: a message after a disconnect, a deletion of what was seen. The program's
// own esdbserver only reads, for that reason. So it listens on loopback only, and
// cmd imports nothing of it.
//
// It promises what esdbtest does. It may be killed at any moment and started again
// on the same directory and address.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"lobby.example/eventlog/esdbserver/esdbtest"
)

func main() {
	data := flag.String("data", "", "directory of the log; made where there is none")
	listen := flag.String("listen", "127.0.0.1:2113", "loopback address to listen on; port 0 takes a free one")
	flag.Parse()
	if *data == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "esdbnode: give --data DIRECTORY, and nothing but flags")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := esdbtest.Run(ctx, *data, *listen, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "esdbnode:", err)
		os.Exit(1)
	}
}

package esdbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/sqlitelog"
)

// Run serves the log in a directory, which it makes where there is none yet, on a
// loopback address, until the context ends. Once it takes calls it prints a line
// with its URL, esdb://127.0.0.1:PORT?tls=false; port 0 takes a free one.
//
// It is for a process of its own, which may be killed at any moment: what was
// acknowledged is on the disk, and the next Run on the directory and the address
// goes on as if nothing had been.
func Run(ctx context.Context, dir, address string, out io.Writer) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	log, err := sqlitelog.Open(filepath.Join(dir, logFile), sqlitelog.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	server, err := esdbserver.New(log, writable(log))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Fprintf(out, "an event store for tests serves esdb://%s?tls=false from %s\n", listener.Addr(), dir)
	select {
	case err := <-served: // it cannot
		return err
	case <-ctx.Done():
		server.Close()
		return <-served
	}
}

// logFile is the log in the directory of a server.
const logFile = "events.db"

// writable lets everybody read and append.
func writable(log eventlog.Log) esdbserver.Options {
	return esdbserver.Options{MayRead: esdbserver.Anyone, Append: Appender(log), MaxReads: 1 << 16}
}

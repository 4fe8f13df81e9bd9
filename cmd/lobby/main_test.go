package main

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"lobby.example/eventlog/esdbserver/esdbtest"
)

// TestMain makes this test binary the program too: started as lobby, which is
// first in the PATH of every test, it runs main. Started as esdbnode it is a server of
// EventStoreDB for a directory and an address, until it is killed.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"lobby": main,
		"esdbnode": func() {
			fmt.Fprintln(os.Stderr, esdbtest.Run(context.Background(), os.Args[1], os.Args[2], os.Stdout))
			os.Exit(1)
		},
	})
}

// What people type, as scripts: see testdata.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Deadline: time.Now().Add(patience), // for a server that ought to have been refused
	})
}

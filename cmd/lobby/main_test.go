package main

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the program too: started as lobby, which is
// first in the PATH of every test, it runs main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"lobby": main})
}

// What people type, as scripts: see testdata.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Deadline: time.Now().Add(patience), // for a server that ought to have been refused
	})
}

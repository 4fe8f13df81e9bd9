// Package esdbtest starts an EventStoreDB server for tests: esdbserver over an
// embedded log, with appends, on a port of this machine, for anybody.
//
// It promises what esdbserver does, and appends as a real server takes them:
// each of the four expected revisions, a retry of the same event ids that writes
// nothing, the same details for a wrong expected version, and an append that is
// too large turned away while it is being sent. It can be stopped, as by a crash
// of the server, and started again on the same address. Run is the same for a
// process of its own, which esdbnode is.
//
// It is never part of the program: nothing but tests and esdbnode imports it.
package esdbtest

import (
	"net"
	"path/filepath"
	"testing"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/sqlitelog"
)

// Server is a server that runs until its test ends.
type Server struct {
	// URL is the connection string, esdb://127.0.0.1:PORT?tls=false. It stays the
	// same when the server is stopped and started again.
	URL string
	// Log is what the server serves.
	Log eventlog.Log

	options esdbserver.Options
	address string
	server  *esdbserver.Server // nil while stopped
	done    chan error
}

// Start starts a server over an empty log in a temporary directory.
func Start(t testing.TB) *Server {
	return StartAt(t, t.TempDir())
}

// StartAt starts a server over the log in a directory, which it makes where
// there is none yet. ReadAll, Follow and Head of the log see the categories, or
// everything.
func StartAt(t testing.TB, dir string, categories ...string) *Server {
	t.Helper()
	log, err := sqlitelog.Open(filepath.Join(dir, logFile), sqlitelog.Options{Categories: categories})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return Serve(t, log, writable(log))
}

// Serve starts a server with these options, over a log that the caller closes.
func Serve(t testing.TB, log eventlog.Log, options esdbserver.Options) *Server {
	t.Helper()
	s := &Server{Log: log, options: options, address: "127.0.0.1:0"}
	s.Start(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

// Start starts the server again after Stop.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	server, err := esdbserver.New(s.Log, s.options)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	s.URL = "esdb://" + s.address + "?tls=false"
	if s.options.TLS != nil {
		s.URL = "esdb://" + s.address
	}
	s.server, s.done = server, make(chan error, 1)
	go func(done chan<- error) { done <- server.Serve(l) }(s.done)
}

// Stop ends the server and all connections to it, and leaves the log open. A
// server that is stopped already stays so.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.server == nil {
		return
	}
	s.server.Close()
	s.server = nil
	if err := <-s.done; err != nil {
		t.Error(err)
	}
}

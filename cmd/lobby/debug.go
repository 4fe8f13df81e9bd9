package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
)

// serveDebug serves profiles of this process at /debug/pprof/ until the listener
// is closed. They tell much about the program and cost it something, so they are
// off by default, on an address of their own, and that is a loopback one.
func serveDebug(address string, logger *slog.Logger) (close func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	if checkListen(address, false) != nil {
		return nil, fmt.Errorf("--debug-listen %s is not a loopback address", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	logger.Info("profiles are served", "url", "http://"+listener.Addr().String()+"/debug/pprof/")
	return server.Close, nil
}

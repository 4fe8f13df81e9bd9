package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/spf13/pflag"

	"lobby.example/eventlog/esdbserver"
	"lobby.example/httpapi"
)

// eventStore are the settings of EventStoreDB's protocol in front of the log.
type eventStore struct {
	listen       string // nothing is served where empty
	cert, key    string // files; in the clear where empty
	user         string
	passwordFile string
	open         bool
}

func (e *eventStore) flags(f *pflag.FlagSet) {
	f.StringVar(&e.listen, "esdb-listen", "", "address on which clients of EventStoreDB read the log, like 127.0.0.1:2113; none where empty")
	f.StringVar(&e.cert, "esdb-tls-cert", "", "file with its certificate, PEM; without one it listens on loopback only, in the clear")
	f.StringVar(&e.key, "esdb-tls-key", "", "file with the key of the certificate, PEM")
	f.StringVar(&e.user, "esdb-user", "", "user that may read, with the password in --esdb-password-file; bearer tokens of scope audit always may")
	f.StringVar(&e.passwordFile, "esdb-password-file", "", "file with the password of --esdb-user")
	f.BoolVar(&e.open, "esdb-open", false, "let everybody on this machine read, without TLS: clients send no password in the clear")
}

// serveEventStore begins to serve the log, where that is wanted.
func (p *program) serveEventStore(e eventStore) error {
	if e.listen == "" {
		return nil
	}
	options := esdbserver.Options{Logger: p.logger}
	if e.cert != "" || e.key != "" {
		certificate, err := tls.LoadX509KeyPair(e.cert, e.key)
		if err != nil {
			return fmt.Errorf("--esdb-tls-cert, --esdb-tls-key: %w", err)
		}
		options.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	var err error
	if options.MayRead, err = e.access(p.tokens); err != nil {
		return err
	}
	server, err := esdbserver.New(p.log, options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", e.listen)
	if err != nil {
		return fmt.Errorf("--esdb-listen: %w", err)
	}
	if at, ok := listener.Addr().(*net.TCPAddr); options.TLS == nil && !(ok && at.IP.IsLoopback()) {
		return errors.Join(fmt.Errorf("--esdb-listen %s is not a loopback address, which needs --esdb-tls-cert and --esdb-tls-key", e.listen), listener.Close())
	}
	p.eventStore = listener.Addr()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	p.closed = append(p.closed, func() error {
		server.Close()
		return <-served
	})
	return nil
}

// access says who may read: whoever has a token of scope audit, the user with the
// password, or everybody on this machine where the operator says so.
func (e eventStore) access(tokens *httpapi.Verifier) (func(context.Context, esdbserver.Credentials) esdbserver.Access, error) {
	if e.open {
		if e.cert != "" || e.user != "" {
			return nil, errors.New("--esdb-open is for loopback without TLS and users")
		}
		return esdbserver.Anyone, nil
	}
	if (e.user == "") != (e.passwordFile == "") {
		return nil, errors.New("--esdb-user and --esdb-password-file belong together")
	}
	var password [sha256.Size]byte
	if e.user != "" {
		content, err := os.ReadFile(e.passwordFile)
		if err != nil {
			return nil, fmt.Errorf("--esdb-password-file: %w", err)
		}
		content = bytes.TrimRight(content, "\r\n")
		if len(content) < 12 {
			return nil, errors.New("--esdb-password-file: a password has at least 12 characters")
		}
		password = sha256.Sum256(content)
	}
	return func(ctx context.Context, c esdbserver.Credentials) esdbserver.Access {
		if c.Bearer != "" {
			caller, err := tokens.Verify(ctx, c.Bearer)
			switch {
			case err != nil:
				return esdbserver.Unknown
			case caller.Audit:
				return esdbserver.Reader
			}
			return esdbserver.Denied
		}
		given := sha256.Sum256([]byte(c.Password))
		if e.user != "" && c.User == e.user && subtle.ConstantTimeCompare(given[:], password[:]) == 1 {
			return esdbserver.Reader
		}
		return esdbserver.Unknown
	}, nil
}

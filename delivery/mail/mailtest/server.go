// Package mailtest is an SMTP server in the process, for whoever wants to see
// what is mailed: tests, and a program that shows what it would send.
//
// It promises that it speaks real SMTP on a real socket, that what it answered
// with 250 is among its letters, and that it fails in the way it was told to, for
// the recipients it was told about. It never hands a letter on to anybody.
package mailtest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Encryption says how a connection becomes private.
type Encryption int

const (
	None     Encryption = iota // never
	StartTLS                   // STARTTLS is offered
	TLS                        // from the first byte
)

// Options say what kind of server it is. The zero value takes everything from
// everybody, on a free port of the loopback interface.
type Options struct {
	Address    string // host:port; empty is a free port on 127.0.0.1
	Encryption Encryption
	// User and Password, where set, are asked for, with AUTH PLAIN.
	User, Password string
	// NoUTF8 leaves out SMTPUTF8, so that no address may have other letters than ASCII.
	NoUTF8 bool
	// PerConnection, where set, is after how many letters a connection is ended, with 421.
	PerConnection int
	// Received is called with each letter, if it is set. The server then keeps none.
	Received func(Letter)
}

// Server is a running server. All its methods are safe for concurrent use.
type Server struct {
	options  Options
	server   *smtp.Server
	listener net.Listener
	trust    *tls.Config
	done     chan struct{} // closed when the server ends
	served   chan struct{} // closed when it takes no more connections

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, when something below changes
	closed   bool
	accepted int // connections so far
	open     map[net.Conn]bool
	letters  []Letter
	always   map[string]Behaviour
	next     map[string][]Behaviour
	stalled  map[string]int // recipient to connections that hang because of it
}

// Listen starts a server.
func Listen(o Options) (*Server, error) {
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	s := &Server{
		options: o,
		done:    make(chan struct{}), served: make(chan struct{}), changed: make(chan struct{}),
		open:   make(map[net.Conn]bool),
		always: make(map[string]Behaviour), next: make(map[string][]Behaviour), stalled: make(map[string]int),
	}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain = "sink.example"
	s.server.AllowInsecureAuth = o.Encryption == None
	s.server.EnableSMTPUTF8 = !o.NoUTF8
	s.server.MaxMessageBytes = 32 << 20
	s.server.ErrorLog = log.New(io.Discard, "", 0) // that clients break off is what tests are about

	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, err
	}
	s.listener = counted{listener, s}
	serve := s.listener
	if o.Encryption != None {
		certificate, trust, err := selfSigned()
		if err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		s.trust = trust
		config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
		if o.Encryption == TLS {
			serve = tls.NewListener(s.listener, config)
		} else {
			s.server.TLSConfig = config
		}
	}
	go func() {
		defer close(s.served)
		_ = s.server.Serve(serve) // until Close
	}()
	return s, nil
}

// Address is host:port of the server.
func (s *Server) Address() string { return s.listener.Addr().String() }

// URL is the address in the form that a sender of letters is configured with.
func (s *Server) URL() string {
	u := url.URL{Host: s.Address(), Scheme: map[Encryption]string{None: "smtp+plain", StartTLS: "smtp", TLS: "smtps"}[s.options.Encryption]}
	if s.options.User != "" {
		u.User = url.User(s.options.User)
	}
	return u.String()
}

// ClientTLS trusts the server's own certificate; nil where it has none.
func (s *Server) ClientTLS() *tls.Config { return s.trust.Clone() }

// Connections counts the connections that were made so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// WaitOpen returns when n connections are open.
func (s *Server) WaitOpen(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return len(s.open) == n })
}

// Disconnect ends every connection, as a server that is started anew does.
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disconnect()
}

func (s *Server) disconnect() {
	for c := range s.open {
		_ = c.Close()
	}
}

// Close ends the server and its connections, and returns when they are gone.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	s.disconnect()
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if err == nil {
		<-s.served
	}
	return err
}

// change says that something changed. It is called with mu held.
func (s *Server) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// wait returns when the condition, which is asked with mu held, is true.
func (s *Server) wait(ctx context.Context, condition func() bool) error {
	for {
		s.mu.Lock()
		is, changed := condition(), s.changed
		s.mu.Unlock()
		if is {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

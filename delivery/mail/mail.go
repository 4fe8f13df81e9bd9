// Package mail writes a letter and hands it to an SMTP server.
//
// It promises that Send answers nil only if the server took the letter, that it
// answers with a *PermanentError only if this letter to this recipient would
// never be taken, that nothing of what a person wrote reaches the header but as
// one cleaned line, that letters and passwords cross a network encrypted only,
// and that no letter takes longer than its timeout once it has a connection's
// turn, or outlives its context. A connection that failed is never used again, so
// that one letter's failure does not spoil the next.
//
// It never tries again by itself what a server may have taken, never decides who
// may have a letter, never keeps one, and never puts the address of a person who
// wrote into one.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	defaultConnections = 8
	defaultTimeout     = 30 * time.Second
	connectTimeout     = 10 * time.Second // to reach the server, of the timeout
	idleTimeout        = 30 * time.Second // servers end what is idle for longer, and then a letter would find out
)

// Options say where letters go and whom they are from.
type Options struct {
	// Server is smtp://[user@]host[:port] for STARTTLS, which is then required,
	// smtps://... for TLS from the first byte, or smtp+plain://... for none, which
	// is for servers on the loopback interface only. The ports are 587, 465 and 25
	// where there is none.
	Server   string
	Password string // of the user in Server
	// From is the address that letters are from, bare or as "Name <a@b>". The name
	// is the one that recipients know this service by, or else Lobby.
	From        string
	Connections int           // that are open at most, 8 if it is 0
	Timeout     time.Duration // for one letter, the connecting included, 30 s if it is 0
	TLS         *tls.Config   // where the system's is not the right one
	Logger      *slog.Logger  // says why connections were thrown away, and never what is in a letter
}

// Sender sends letters. It is safe for concurrent use.
type Sender struct {
	server  server
	from    mail.Address // the name is the service's
	domain  string       // of from
	timeout time.Duration
	idle    time.Duration
	logger  *slog.Logger

	slots   chan struct{} // holds one for each letter on its way
	closing chan struct{}

	mu     sync.Mutex
	free   []*connection
	closed bool
	quits  sync.WaitGroup
}

// New checks the options. It does not connect.
func New(o Options) (*Sender, error) {
	at, err := parseServer(o)
	if err != nil {
		return nil, err
	}
	from, err := parseFrom(o.From)
	if err != nil {
		return nil, err
	}
	if o.Connections < 0 || o.Timeout < 0 {
		return nil, errors.New("mail: there are no fewer than no connections, and no timeout is over before it begins")
	}
	if o.Connections == 0 {
		o.Connections = defaultConnections
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return &Sender{
		server: at, from: from, domain: domain, timeout: o.Timeout, idle: idleTimeout, logger: o.Logger,
		slots: make(chan struct{}, o.Connections), closing: make(chan struct{}),
	}, nil
}

// Send writes the letter and hands it to the server. Where as many letters as
// there may be connections are on their way it waits, until the context ends.
//
// It fails with a *PermanentError when the letter would never be taken, ErrClosed
// after Close, the context's cause when that ended. Everything else may pass.
// After an error other than a *PermanentError the server may have taken the
// letter all the same: the letter under the same ID is then the same letter.
func (s *Sender) Send(ctx context.Context, l Letter) error {
	w, err := s.write(l)
	if err != nil {
		return err
	}
	select { // first of all, as a select between several takes any
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("mail: %w", context.Cause(ctx))
	default:
	}
	select {
	case s.slots <- struct{}{}:
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("mail: %w", context.Cause(ctx))
	}
	defer func() { <-s.slots }()
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout,
		fmt.Errorf("%s did not deal with the letter within %s: %w", s.server.address, s.timeout, os.ErrDeadlineExceeded))
	defer cancel()
	if c := s.take(); c != nil {
		ended, err := s.deliver(ctx, c, w)
		if ctx.Err() != nil || !ended {
			return err
		}
		// The server ended the connection before any of the letter had gone out,
		// which says nothing about the letter: servers do so with what is idle.
	}
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	_, err = s.deliver(ctx, c, w)
	return err
}

// deliver sends the letter through the connection, and keeps that if it is good
// for another. It reports whether the connection ended before the letter began.
func (s *Sender) deliver(ctx context.Context, c *connection, w written) (ended bool, err error) {
	release := c.guard(ctx)
	err = c.send(w)
	ended = c.ended
	if inTime := release(); !inTime || c.broken {
		c.close()
		s.logger.DebugContext(ctx, "mail: a connection was thrown away", "server", s.server.address, "error", err)
	} else {
		s.keep(c)
	}
	var permanent *PermanentError
	if err == nil || errors.As(err, &permanent) {
		return ended, err
	}
	return ended, because(ctx, err)
}

// because is the context's error, if it is what made the other one.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("mail: %w", context.Cause(ctx))
	}
	return err
}

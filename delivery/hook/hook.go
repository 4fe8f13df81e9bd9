// Package hook hands events to other people's programs over HTTP: one POST for
// each attempt, signed with the subscription's secret.
//
// It promises that no connection is made to an address that is not open to
// everybody, loopback and private networks above all, unless the operator allows
// it, whatever a URL or a name server says: the address is looked at when it is
// dialled, and nothing is sent on a connection that was not. It promises that an
// attempt ends in time and takes little memory, whatever the receiver does; that
// no attempt goes out unsigned; and that an error's text can be logged and stored:
// it has neither a secret nor what was sent.
//
// It never tries again, never follows a redirect, never uses a proxy, and keeps
// nothing but open connections. It does not know what an event means or who may
// see it: it is handed a body when that is decided.
package hook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

var (
	// ErrGone is for a receiver that answers 410: it wants no more deliveries.
	ErrGone = errors.New("hook: the receiver answers 410 Gone")
	// ErrNotAllowed is for an address that deliveries may not go to. What a name
	// stands for, and what the operator allows, may change: it is not permanent.
	ErrNotAllowed = errors.New("hook: deliveries may not go to this address")
)

// PermanentError is for what fails however often it is tried.
type PermanentError struct{ Err error }

func (e *PermanentError) Error() string { return e.Err.Error() }
func (e *PermanentError) Unwrap() error { return e.Err }

// Options of a Client; the zero value is safe.
type Options struct {
	Allow       []netip.Prefix // addresses that deliveries may go to although they are private or loopback
	Timeout     time.Duration  // of one attempt, from the look-up of the name to the end of the answer; 10 s
	MaxResponse int64          // how much of an answer is read; 64 KiB
	Logger      *slog.Logger   // hears why Reach refused, which its caller is not told in full
	Resolver    *net.Resolver  // looks up names; nil is the system's
	RootCAs     *x509.CertPool // who vouches for receivers; nil is the system's
}

const (
	defaultTimeout     = 10 * time.Second
	defaultMaxResponse = 64 << 10
	maxResponseHeader  = 64 << 10
	// unasked is how much of what a receiver says between two answers is read, and so
	// logged by net/http. A wrong length makes that the rest of an answer, which may
	// repeat what was sent.
	unasked     = 16
	idleTimeout = 30 * time.Second // a receiver that moves is found again soon
)

// Client delivers. It is safe for concurrent use.
type Client struct {
	allow       []netip.Prefix
	timeout     time.Duration
	maxResponse int64
	logger      *slog.Logger
	transport   *http.Transport
}

// New makes a client.
func New(o Options) *Client {
	c := &Client{allow: unmapped(o.Allow), timeout: o.Timeout, maxResponse: o.MaxResponse, logger: o.Logger}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.maxResponse <= 0 {
		c.maxResponse = defaultMaxResponse
	}
	if c.logger == nil {
		c.logger = slog.Default()
	}
	dialer := &net.Dialer{Timeout: c.timeout, Resolver: o.Resolver, ControlContext: c.control}
	// A transport without a client around it: it knows no redirects and no cookies.
	c.transport = &http.Transport{
		Proxy:                  nil, // one would dial in our place, unchecked
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    c.timeout,
		ForceAttemptHTTP2:      true, // which is off with a DialContext of one's own
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: c.timeout / 2, PingTimeout: c.timeout / 2},
		DisableCompression:     true, // an answer does not get larger here
		MaxResponseHeaderBytes: maxResponseHeader,
		ReadBufferSize:         unasked,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           100,
	}
	return c
}

// Close lets go of connections that nobody uses. Attempts under way go on.
func (c *Client) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}

// within bounds an attempt as a whole.
func (c *Client) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.timeout)
}

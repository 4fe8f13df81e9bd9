package hook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// failure is an attempt that came to no answer. Its text can be kept; its cause is
// for errors.Is and errors.As.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// failed tells of an attempt without an answer, in words of ours: the library's may
// have the URL in them, and what the other side says, down to its certificate.
func (c *Client) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return &failure{"hook: the attempt was given up", context.Cause(ctx)}
	case errors.Is(err, ErrNotAllowed):
		return &failure{ErrNotAllowed.Error(), err}
	case late(err):
		return &failure{fmt.Sprintf("hook: no answer within %s", c.timeout), err}
	}
	return &failure{"hook: " + obstacle(err), err}
}

// late reports whether time ran out, other than a name server's, which is told apart.
func late(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	_, lookup := errors.AsType[*net.DNSError](err)
	return ok && timeout.Timeout() && !lookup
}

// obstacle says in words of ours what is in the way, and nothing of our network.
func obstacle(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "there is no such host"
		}
		return "the host could not be looked up"
	}
	if late(err) {
		return "it took too long"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate is not trusted"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "the connection was refused"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return "the connection ended without an answer"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "it answers without TLS"
	}
	// net/http's own errors have no type, and are about what it read.
	if _, network := errors.AsType[net.Error](err); network || strings.Contains(err.Error(), "tls: ") {
		return "the connection failed"
	}
	return "the answer is not HTTP"
}

// told is how many characters of an error are logged.
const told = 200

// printable cuts a text short, and escapes what would not print as itself.
func printable(text string) string {
	escaped := strconv.Quote(cut(text))
	return strings.ReplaceAll(escaped[1:len(escaped)-1], `\"`, `"`)
}

func cut(text string) string {
	n := 0
	for i := range text {
		if n++; n > told {
			return text[:i] + "…"
		}
	}
	return text
}

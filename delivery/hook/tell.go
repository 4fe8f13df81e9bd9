package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

const (
	quotable = 4 << 10 // bytes of an answer that are looked at for what it says
	quoted   = 200     // characters of it that are told
	// alike is how many letters and digits in a row make an answer a repetition of
	// what was sent. Half an id: what was sent is full of ids.
	alike = 16
)

// failure is an attempt that came to no answer. Its text can be kept; its cause is
// for errors.Is and errors.As.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// failed tells of an attempt without an answer.
func (c *Client) failed(ctx context.Context, r Request, err error) error {
	text := err.Error()
	if ctx.Err() != nil {
		text, err = "the attempt was given up", context.Cause(ctx)
	} else if late(err) {
		text = fmt.Sprintf("no answer within %s", c.timeout)
	} else if _, ok := errors.AsType[textproto.ProtocolError](err); ok {
		text = "the answer is not HTTP" // the library's text goes on with the answer itself
	}
	// What the library puts in quotes is the other side's, and may be anything.
	text, _, _ = strings.Cut(text, `"`)
	if text = strings.TrimSpace(text); r.isIn(text) {
		text = "the attempt failed" + withheld
	}
	return &failure{"hook: " + printable(text), err}
}

// late reports whether time ran out, other than a name server's, which is told apart.
func late(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	_, lookup := errors.AsType[*net.DNSError](err)
	return ok && timeout.Timeout() && !lookup
}

// quote is what an answer says, unless it gives away what was sent.
func quote(said []byte, r Request) string {
	text := strings.TrimSpace(string(bytes.ToValidUTF8(said, []byte("\uFFFD"))))
	switch {
	case text == "":
		return ""
	case r.isIn(text):
		return withheld
	}
	return `: "` + printable(text) + `"`
}

const withheld = " (what it says repeats what was sent, and is left out)"

// isIn reports whether a text that may be told has a secret of the request, or a
// piece of one or of the body.
func (r *Request) isIn(text string) bool {
	return repeats(cut(text), r.Body) || slices.ContainsFunc(r.Secrets, func(secret string) bool {
		return strings.Contains(text, secret) || repeats(cut(text), []byte(secret))
	})
}

// repeats reports whether a text has a piece of what was sent. Only letters and
// digits count, so that escaping does not hide it.
func repeats(text string, sent []byte) bool {
	said, sent := letters([]byte(text)), letters(sent)
	for i := 0; i+alike <= len(said); i++ {
		if bytes.Contains(sent, said[i:i+alike]) {
			return true
		}
	}
	return false
}

func letters(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, b := range text {
		if b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z' {
			out = append(out, b)
		}
	}
	return out
}

// printable cuts a text short, and escapes what would not print as itself.
func printable(text string) string {
	escaped := strconv.Quote(cut(text))
	return strings.ReplaceAll(escaped[1:len(escaped)-1], `\"`, `"`)
}

func cut(text string) string {
	n := 0
	for i := range text {
		if n++; n > quoted {
			return text[:i] + "…"
		}
	}
	return text
}

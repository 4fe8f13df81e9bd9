package mailtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
)

// Letter is one letter to one recipient, as it was received.
type Letter struct {
	From, To string // of the envelope, without brackets
	User     string // who authenticated, if anybody did
	TLS      bool   // whether the connection was private
	UTF8     bool   // whether SMTPUTF8 was used
	Raw      []byte // lines end with CR LF
}

// Letters are those received so far, in the order in which they came.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.letters)
}

// Wait returns the letters when there are n of them.
func (s *Server) Wait(ctx context.Context, n int) ([]Letter, error) {
	if err := s.wait(ctx, func() bool { return len(s.letters) >= n }); err != nil {
		return nil, fmt.Errorf("mailtest: %d of %d letters came: %w", len(s.Letters()), n, err)
	}
	return s.Letters(), nil
}

func (s *Server) take(l Letter) {
	if s.options.Received != nil {
		s.options.Received(l)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, l)
	s.change()
}

// Message is what a letter says.
type Message struct {
	Header     mail.Header // as written; see Field
	Text, HTML string      // the two parts, decoded
}

// Field is a field of the header with its encoded words decoded.
func (m Message) Field(name string) string {
	value := m.Header.Get(name)
	if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		return decoded
	}
	return value
}

// Parse reads a letter of plain text, or one with an alternative in HTML. It
// refuses what is neither.
func (l Letter) Parse() (Message, error) {
	read, err := mail.ReadMessage(bytes.NewReader(l.Raw))
	if err != nil {
		return Message{}, fmt.Errorf("mailtest: %w", err)
	}
	m := Message{Header: read.Header}
	contentType := read.Header.Get("Content-Type")
	if contentType == "" {
		contentType = "text/plain" // RFC 2045
	}
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return Message{}, fmt.Errorf("mailtest: Content-Type: %w", err)
	}
	if kind != "multipart/alternative" {
		err := m.part(kind, read.Header.Get("Content-Transfer-Encoding"), read.Body)
		return m, err
	}
	for parts := multipart.NewReader(read.Body, parameters["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return Message{}, fmt.Errorf("mailtest: %w", err)
		}
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			return Message{}, fmt.Errorf("mailtest: Content-Type of a part: %w", err)
		}
		if err := m.part(kind, part.Header.Get("Content-Transfer-Encoding"), part); err != nil {
			return Message{}, err
		}
	}
}

func (m *Message) part(kind, encoding string, r io.Reader) error {
	if encoding == "quoted-printable" {
		r = quotedprintable.NewReader(r)
	} else if encoding != "" && encoding != "7bit" && encoding != "8bit" {
		return fmt.Errorf("mailtest: a part is encoded as %q", encoding)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("mailtest: %w", err)
	}
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	switch kind {
	case "text/plain":
		m.Text = string(content)
	case "text/html":
		m.HTML = string(content)
	default:
		return fmt.Errorf("mailtest: a part is %s", kind)
	}
	return nil
}

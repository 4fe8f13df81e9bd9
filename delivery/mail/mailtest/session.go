package mailtest

import (
	"crypto/subtle"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one connection. Its methods are called one at a time.
type session struct {
	server  *Server
	conn    *smtp.Conn
	user    string
	letters int // taken on this connection

	from string
	utf8 bool
	to   []string
	does []Behaviour // for each of to
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

// AuthMechanisms names none where nobody is asked who they are.
func (s *session) AuthMechanisms() []string {
	if s.server.options.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if mechanism != sasl.Plain {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		o := s.server.options
		if subtle.ConstantTimeCompare([]byte(user+"\x00"+password), []byte(o.User+"\x00"+o.Password)) != 1 {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, options *smtp.MailOptions) error {
	o := s.server.options
	if o.User != "" && s.user == "" {
		return errWho
	}
	if s.from != "" {
		return errNested
	}
	if o.PerConnection > 0 && s.letters >= o.PerConnection {
		return errEnough
	}
	s.from, s.utf8 = from, options.UTF8
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	b := s.server.behaviour(to)
	switch b {
	case Refuse:
		return errNobody
	case Later:
		return errLater
	case Stall:
		return s.server.stall(to)
	}
	s.to, s.does = append(s.to, to), append(s.does, b)
	return nil
}

func (s *session) Data(r io.Reader) error {
	for _, b := range s.does {
		if b == CloseInData {
			_, _ = io.ReadFull(r, make([]byte, 16))
			return s.conn.Conn().Close()
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for i, to := range s.to {
		switch s.does[i] {
		case RefuseLetter:
			return errUnwanted
		case LaterLetter:
			return errFull
		case StallAtEnd:
			return s.server.stall(to)
		}
	}
	_, private := s.conn.TLSConnectionState()
	for i, to := range s.to {
		s.letters++
		s.server.take(Letter{From: s.from, To: to, User: s.user, TLS: private, UTF8: s.utf8, Raw: raw})
		if s.does[i] == CloseAfterDot {
			return s.conn.Conn().Close()
		}
	}
	return nil
}

func (s *session) Reset()        { s.from, s.to, s.does = "", nil, nil }
func (s *session) Logout() error { return nil }

package mail

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// connection is one connection to the server. One letter at a time uses it.
//
// go-mail greets, encrypts and authenticates, and knows the commands. It looks at
// a context while it dials only, has deadlines that count from when it connected,
// and leaves the connection open where it fails. Its Close sends QUIT and waits
// for an answer; in a letter that was not written to its end, the dot that makes a
// letter of it goes out first. So the socket is ours, and is closed when the
// context ends.
type connection struct {
	socket net.Conn // below TLS
	client *smtp.Client
	broken bool        // is never used again
	ended  bool        // broke before any of the letter went out, and not by refusing it
	timer  *time.Timer // closes it while it is free
}

// connect makes a connection that is ready for a letter.
func (s *Sender) connect(ctx context.Context) (*connection, error) {
	c := &connection{}
	release := func() bool { return true }
	dial := func(context.Context, string, string) (net.Conn, error) { // go-mail's address has an IPv6 host without brackets
		connecting, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		socket, err := new(net.Dialer).DialContext(connecting, "tcp", s.server.address)
		if err != nil {
			return nil, err
		}
		c.socket = socket
		release = c.guard(ctx)
		if !s.server.implicit {
			return socket, nil
		}
		private := tls.Client(socket, s.server.config)
		return private, private.HandshakeContext(connecting)
	}
	options := []gomail.Option{
		gomail.WithPort(s.server.port), gomail.WithTimeout(s.timeout), gomail.WithTLSPolicy(s.server.policy),
		gomail.WithTLSConfig(s.server.config), gomail.WithDialContextFunc(dial),
	}
	if s.server.user != "" {
		options = append(options, gomail.WithUsername(s.server.user), gomail.WithPassword(s.server.password),
			// PLAIN and LOGIN are for private connections only, and for the loopback interface.
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1,
				gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	client, err := gomail.NewClient(s.server.host, options...)
	if err == nil {
		c.client, err = client.DialToSMTPClientWithContext(ctx)
	}
	if !release() && err == nil {
		err = net.ErrClosed
	}
	if err == nil {
		err = c.socket.SetDeadline(time.Time{}) // go-mail's, which would be over for a later letter
	}
	if err != nil {
		c.close()
		return nil, because(ctx, failed("connecting to "+s.server.address, err))
	}
	return c, nil
}

// guard closes the connection when the context ends. release undoes it, and
// reports whether it was in time.
func (c *connection) guard(ctx context.Context) (release func() bool) {
	return context.AfterFunc(ctx, func() { _ = c.socket.Close() })
}

// send hands the letter over. The connection is good for another one afterwards
// unless it is broken.
func (c *connection) send(w written) error {
	if offered, _ := c.client.Extension("SMTPUTF8"); w.utf8 && !offered {
		return &PermanentError{Code: CodeAddressNotSupported, Reason: "the server takes no address with other letters than ASCII"}
	}
	// Where it is not needed, servers further on may not know it.
	c.client.SkipSMTPUTF8(!w.utf8)
	if err := c.client.Mail("<" + w.from + ">"); err != nil {
		return failed("MAIL", c.settle(err)) // about whom letters are from, so not about this one
	}
	if err := c.client.Rcpt("<" + w.to + ">"); err != nil {
		return refused("RCPT", c.settle(err))
	}
	data, err := c.client.Data()
	if err != nil {
		return refused("DATA", c.settle(err))
	}
	// Once this has begun nothing but the whole letter may be sent: the next
	// command would end the letter where it is.
	if _, err = data.Write(w.content); err == nil {
		err = data.Close()
	}
	if err == nil {
		return nil
	}
	c.broken = unusable(err)
	return refused("the end of the letter", err)
}

// settle sees to the connection after what went wrong before the letter began.
func (c *connection) settle(err error) error {
	if unusable(err) {
		c.broken, c.ended = true, true
	} else if c.client.Reset() != nil {
		c.broken = true
	}
	return err
}

// unusable is for a connection whose server did not answer, or said goodbye.
func unusable(err error) bool { return codeOf(err) == 0 || codeOf(err) == 421 }

// quit says goodbye, for a moment, and closes.
func (c *connection) quit() {
	_ = c.socket.SetDeadline(time.Now().Add(2 * time.Second))
	_ = c.client.Quit()
	c.close()
}

func (c *connection) close() {
	if c.socket != nil {
		_ = c.socket.Close()
	}
}

package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"

	gomail "github.com/wneessen/go-mail"
)

// server is where letters go.
type server struct {
	address        string // host:port
	host           string
	port           int
	user, password string
	policy         gomail.TLSPolicy
	implicit       bool // TLS from the first byte
	config         *tls.Config
}

// parseServer reads where letters go, and refuses what would send the letters or
// the password across a network in the clear.
func parseServer(o Options) (server, error) {
	u, err := url.Parse(o.Server)
	if err != nil {
		// The error of url.Parse repeats the URL, which may hold a password.
		return server{}, errors.New("mail: the server is written as smtp://user@host:port")
	}
	if _, has := u.User.Password(); has {
		return server{}, errors.New("mail: the password does not belong into the server's URL, where everybody sees it")
	}
	if u.Opaque != "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" {
		return server{}, fmt.Errorf("mail: the server %q is not written as smtp://user@host:port", o.Server)
	}
	s := server{host: u.Hostname(), user: u.User.Username(), password: o.Password}
	switch u.Scheme {
	case "smtp":
		s.port, s.policy = 587, gomail.TLSMandatory
	case "smtps":
		s.port, s.policy, s.implicit = 465, gomail.NoTLS, true // nothing is left to be done after connecting
	case "smtp+plain":
		s.port, s.policy = 25, gomail.NoTLS
		if a, err := netip.ParseAddr(s.host); s.host != "localhost" && (err != nil || !a.IsLoopback()) {
			return server{}, fmt.Errorf("mail: smtp+plain://%s would send letters across the network for everybody to read: use smtp:// or smtps://, or a server on the loopback interface", u.Host)
		}
	default:
		return server{}, fmt.Errorf("mail: the server %q begins with none of smtp://, smtps:// and smtp+plain://", o.Server)
	}
	if u.Port() != "" {
		if s.port, err = strconv.Atoi(u.Port()); err != nil || s.port < 1 || s.port > 65535 {
			return server{}, fmt.Errorf("mail: the server %q has no port that there is", o.Server)
		}
	}
	if (s.user == "") != (s.password == "") {
		return server{}, errors.New("mail: the server's user and password come together or not at all")
	}
	s.address = net.JoinHostPort(s.host, strconv.Itoa(s.port))
	s.config = &tls.Config{}
	if o.TLS != nil {
		s.config = o.TLS.Clone()
	}
	if s.config.ServerName == "" {
		s.config.ServerName = s.host
	}
	if s.config.MinVersion == 0 {
		s.config.MinVersion = tls.VersionTLS12
	}
	return s, nil
}

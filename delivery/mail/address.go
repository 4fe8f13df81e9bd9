package mail

import (
	"fmt"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// parseFrom reads whom letters are from.
func parseFrom(from string) (mail.Address, error) {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return mail.Address{}, fmt.Errorf("mail: letters are from %q, which is no address", from)
	}
	bare, utf8, err := bareAddress(a.Address)
	if err != nil || utf8 {
		return mail.Address{}, fmt.Errorf("mail: letters are from %q, which not every server takes as an address", from)
	}
	name := line(a.Name, 60)
	if name == "" {
		name = "Lobby"
	}
	return mail.Address{Name: name, Address: bare}, nil
}

// bareAddress is the address as a server takes it, with a domain in ASCII, and
// whether that still needs SMTPUTF8. It fails with a *PermanentError for what is
// not one address and nothing else. Quoted local parts and domains that are the
// number of a machine are none: the first are a way to write what is not meant
// into a command, and the second lead past the domain's own mail server.
func bareAddress(address string) (bare string, utf8 bool, err error) {
	no := &PermanentError{Code: CodeNotAnAddress, Reason: "the recipient's address is none"}
	a, err := mail.ParseAddress(address)
	if err != nil || a.Name != "" || a.Address != address || line(address, len(address)) != address {
		return "", false, no
	}
	at := strings.LastIndexByte(address, '@')
	local, domain := address[:at], address[at+1:]
	if !ascii(domain) {
		if domain, err = idna.Lookup.ToASCII(domain); err != nil {
			return "", false, no
		}
	}
	bare = local + "@" + domain
	if len(local) > 64 || len(bare) > 254 || strings.ContainsAny(domain, "[]:") || strings.ContainsAny(local, "@\"\\<> ") {
		return "", false, no
	}
	return bare, !ascii(local), nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e || r < 0x20 })
}

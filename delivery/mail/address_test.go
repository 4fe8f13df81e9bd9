package mail

import (
	"strings"
	"testing"

	"lobby.example/delivery/mail/mailtest"
)

func TestWhatIsNoAddressIsRefusedForGood(t *testing.T) {
	s := offline(t)
	for _, to := range []string{
		"", "jane", "@example.org", "jane@", "Jane <jane@example.org>", "<jane@example.org>", "jane@example.org, john@example.org",
		"jane@example.org\r\nRCPT TO:<all@example.org>", "jane@example.org\x00", " jane@example.org", "jane@example.org ",
		`"jane doe"@example.org`, `"jane>"@example.org`, "jane(x)@example.org", "jane@[127.0.0.1]", "jane@[IPv6:::1]",
		strings.Repeat("j", 65) + "@example.org", "jane@" + strings.Repeat("a.", 130) + "org", "jane@ex\u202eample.org", "jane@-ü-.example",
	} {
		_, err := s.write(letter(to))
		mustRefuse(t, err, CodeNotAnAddress, 0)
	}
}

func TestAddressesInOtherLetters(t *testing.T) {
	able, unable := listen(t, mailtest.Options{}), listen(t, mailtest.Options{NoUTF8: true})
	for to, want := range map[string]mailtest.Letter{
		"jane@example.org":            {To: "jane@example.org"},
		"jane+o'neil@example.org":     {To: "jane+o'neil@example.org"},
		"jane@bücher.example":         {To: "jane@xn--bcher-kva.example"},
		"jürgen@example.org":          {To: "jürgen@example.org", UTF8: true},
		"用户@例子.example":               {To: "用户@xn--fsqu00a.example", UTF8: true},
		"jane.q-public_2@example.org": {To: "jane.q-public_2@example.org"},
	} {
		mustSend(t, sender(t, able, Options{}), letter(to))
		got := able.Letters()
		if last := got[len(got)-1]; last.To != want.To || last.UTF8 != want.UTF8 || !strings.Contains(string(last.Raw), "To: <"+want.To+">") {
			t.Errorf("%s was sent to %s, %t\n%s", to, last.To, last.UTF8, last.Raw)
		}
		// The server that knows only ASCII is asked for nothing else.
		s := sender(t, unable, Options{})
		if !want.UTF8 {
			mustSend(t, s, letter(to))
			continue
		}
		mustRefuse(t, s.Send(soon(t), letter(to)), CodeAddressNotSupported, 0)
		mustSend(t, s, letter("jane@example.org"))
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	good := Options{Server: "smtp://mail.example.org", From: "post@lobby.example"}
	for what, change := range map[string]func(*Options){
		"no server":             func(o *Options) { o.Server = "" },
		"no scheme":             func(o *Options) { o.Server = "mail.example.org:25" },
		"another scheme":        func(o *Options) { o.Server = "http://mail.example.org" },
		"no host":               func(o *Options) { o.Server = "smtp://:25" },
		"a path":                func(o *Options) { o.Server = "smtp://mail.example.org/x" },
		"a port too high":       func(o *Options) { o.Server = "smtp://mail.example.org:70000" },
		"plain to the network":  func(o *Options) { o.Server = "smtp+plain://mail.example.org" },
		"plain to 10.0.0.1":     func(o *Options) { o.Server = "smtp+plain://10.0.0.1:25" },
		"a user alone":          func(o *Options) { o.Server = "smtp://lobby@mail.example.org" },
		"a password alone":      func(o *Options) { o.Password = "hunter2" },
		"a password in the URL": func(o *Options) { o.Server = "smtp://lobby:hunter2@mail.example.org" },
		"one in a bad URL":      func(o *Options) { o.Server = "smtp://lobby:hunter2@mail.example.org:x y" },
		"no sender":             func(o *Options) { o.From = "" },
		"a sender in UTF-8":     func(o *Options) { o.From = "jürgen@lobby.example" },
		"a list of senders":     func(o *Options) { o.From = "a@lobby.example, b@lobby.example" },
		"connections below 0":   func(o *Options) { o.Connections = -1 },
		"a timeout below 0":     func(o *Options) { o.Timeout = -1 },
	} {
		o := good
		change(&o)
		_, err := New(o)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for at, want := range map[string]string{
		"smtp://mail.example.org": "mail.example.org:587", "smtps://mail.example.org": "mail.example.org:465",
		"smtp+plain://localhost": "localhost:25", "smtp+plain://[::1]:2525": "[::1]:2525", "smtp://mail.example.org:25/": "mail.example.org:25",
	} {
		s, err := New(Options{Server: at, From: "Post <post@bücher.example>"})
		if err != nil {
			t.Fatal(err)
		}
		if s.server.address != want || s.from.Address != "post@xn--bcher-kva.example" || s.from.Name != "Post" {
			t.Errorf("%s is %+v from %v", at, s.server, s.from)
		}
	}
}

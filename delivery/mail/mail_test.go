package mail

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"lobby.example/delivery/mail/sink"
)

// listen is a server that ends with the test.
func listen(t testing.TB, o sink.Options) *sink.Server {
	t.Helper()
	s, err := sink.Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// sender sends to the server, with what the options say otherwise.
func sender(t testing.TB, to *sink.Server, o Options) *Sender {
	t.Helper()
	if o.Server == "" {
		o.Server = to.URL()
	}
	if o.From == "" {
		o.From = "post@lobby.example"
	}
	if o.TLS == nil {
		o.TLS = to.ClientTLS()
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func letter(to string) Letter {
	return Letter{
		ID: "5b0c6f0e-33a1-5d0e-9d6f-0d7c2b1f9a11", To: to, SenderName: "Ann Meyer",
		Text: "The plumber comes at nine.\n\nAnn", Time: time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC),
	}
}

// soon is how long a test waits for what ought to happen.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func mustSend(t testing.TB, s *Sender, l Letter) {
	t.Helper()
	if err := s.Send(soon(t), l); err != nil {
		t.Fatal(err)
	}
}

func parse(t testing.TB, l sink.Letter) sink.Message {
	t.Helper()
	m, err := l.Parse()
	if err != nil {
		t.Fatalf("%v in\n%s", err, l.Raw)
	}
	return m
}

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	l := letter("jane@example.org")
	l.Files = []File{{Name: "plan.pdf", Size: 1_230_000, Link: "https://lobby.example/files/1?a=1&b=2"}, {Name: "note.txt", Size: 7}}
	l.Correlation = "call-17"
	l.Unsubscribe = "https://lobby.example/unsubscribe/" + strings.Repeat("token", 20)
	mustSend(t, sender(t, mailbox, Options{From: "Riverside House <post@lobby.example>"}), l)

	got := mailbox.Letters()
	if len(got) != 1 || got[0].From != "post@lobby.example" || got[0].To != "jane@example.org" {
		t.Fatalf("received %+v", got)
	}
	t.Logf("\n%s", got[0].Raw)
	m := parse(t, got[0])
	for name, want := range map[string]string{
		"From":                  `"Ann Meyer via Riverside House" <post@lobby.example>`,
		"To":                    "<jane@example.org>",
		"Subject":               "Message from Ann Meyer",
		"Message-Id":            "<5b0c6f0e-33a1-5d0e-9d6f-0d7c2b1f9a11@lobby.example>",
		"Date":                  "Tue, 24 Nov 2026 09:30:00 +0000",
		"Auto-Submitted":        "auto-generated",
		"X-Correlation-Id":      "call-17",
		"List-Unsubscribe":      "<" + l.Unsubscribe + ">",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Mime-Version":          "1.0",
	} {
		if got := m.Field(name); got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
	for name := range m.Header {
		switch name {
		case "From", "To", "Subject", "Message-Id", "Date", "Auto-Submitted", "X-Correlation-Id",
			"List-Unsubscribe", "List-Unsubscribe-Post", "Mime-Version", "Content-Type":
		default:
			t.Errorf("there is a field %s", name)
		}
	}
	for _, want := range []string{"Ann Meyer wrote to you on Riverside House:", l.Text, "- plan.pdf (1.2 MB)\n  " + l.Files[0].Link, "- note.txt (7 B)\n", l.Unsubscribe} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("%q is not in the text:\n%s", want, m.Text)
		}
	}
	for _, want := range []string{`<a href="https://lobby.example/files/1?a=1&amp;b=2">plan.pdf</a></span> (1.2 MB)`, `<span dir="auto">note.txt</span> (7 B)`, `<a href="` + l.Unsubscribe} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("%q is not in the HTML:\n%s", want, m.HTML)
		}
	}
}

func TestLettersOneAfterAnotherShareAConnection(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{})
	for range 20 {
		mustSend(t, s, letter("jane@example.org"))
	}
	if len(mailbox.Letters()) != 20 || mailbox.Connections() != 1 {
		t.Errorf("%d letters on %d connections", len(mailbox.Letters()), mailbox.Connections())
	}
}

func TestThereAreNoMoreConnectionsThanAllowed(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{Connections: 3})
	var letters sync.WaitGroup
	for i := range 60 {
		letters.Go(func() {
			if err := s.Send(soon(t), letter(fmt.Sprintf("jane%d@example.org", i))); err != nil {
				t.Error(err)
			}
		})
	}
	letters.Wait()
	if len(mailbox.Letters()) != 60 || mailbox.Connections() > 3 {
		t.Errorf("%d letters on %d connections", len(mailbox.Letters()), mailbox.Connections())
	}
}

func TestEncryptionAndAuthentication(t *testing.T) {
	for name, encryption := range map[string]sink.Encryption{"plain": sink.None, "starttls": sink.StartTLS, "tls": sink.TLS} {
		t.Run(name, func(t *testing.T) {
			o := sink.Options{Encryption: encryption, User: "lobby@example.org", Password: "correct horse"}
			mailbox := listen(t, o)
			s := sender(t, mailbox, Options{Password: o.Password})
			mustSend(t, s, letter("jane@example.org"))
			mustSend(t, s, letter("jane@example.org"))
			for _, l := range mailbox.Letters() {
				if l.User != o.User || l.TLS != (encryption != sink.None) {
					t.Errorf("the user is %q, TLS is %t", l.User, l.TLS)
				}
			}
			if n := mailbox.Connections(); n != 1 {
				t.Errorf("%d connections", n)
			}
			wrong := sender(t, mailbox, Options{Password: "battery staple"})
			mustPass(t, wrong.Send(soon(t), letter("jane@example.org")))
		})
	}
}

package sink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func listen(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

// send uses the standard library's client, which is not the one that Lobby uses.
func send(s *Server, from, to, text string) error {
	return smtp.SendMail(s.Address(), nil, from, []string{to}, []byte("Subject: =?utf-8?q?=C3=BC?=\r\n\r\n"+text))
}

func TestWhatIsTakenIsAmongTheLetters(t *testing.T) {
	s := listen(t, Options{})
	for i := range 3 {
		if err := send(s, "a@example.org", fmt.Sprintf("b%d@example.org", i), "one\r\n.two\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Wait(soon(t), 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range got {
		m, err := l.Parse()
		if err != nil || l.From != "a@example.org" || l.To != fmt.Sprintf("b%d@example.org", i) || m.Field("Subject") != "ü" || m.Text != "one\n.two\n" {
			t.Errorf("%+v says %+v (%v)", l, m, err)
		}
	}
	ended, end := context.WithCancel(soon(t))
	end()
	if _, err := s.Wait(ended, 4); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for what does not come ended with %v", err)
	}
}

func TestLettersAreHandedOnWhereSomebodyWantsThem(t *testing.T) {
	received := make(chan Letter, 1)
	s := listen(t, Options{Received: func(l Letter) { received <- l }})
	if err := send(s, "a@example.org", "b@example.org", "text"); err != nil {
		t.Fatal(err)
	}
	if l := <-received; l.To != "b@example.org" || len(s.Letters()) != 0 {
		t.Errorf("received %+v, and kept %d", l, len(s.Letters()))
	}
}

func TestBehavioursAreByRecipientAndInOrder(t *testing.T) {
	s := listen(t, Options{})
	s.Set("b@example.org", Refuse)
	s.Next("b@example.org", Later, LaterLetter, RefuseLetter, Take, CloseInData, CloseAfterDot)
	for i, want := range []int{451, 452, 554, 0, -1, -1, 550, 550} {
		err := send(s, "a@example.org", "b@example.org", "text")
		var answer *textproto.Error
		switch {
		case want == 0 && err != nil, want > 0 && (!errors.As(err, &answer) || answer.Code != want), want < 0 && (err == nil || errors.As(err, &answer)):
			t.Errorf("letter %d was answered with %v, not %d", i, err, want)
		}
		if err := send(s, "a@example.org", "c@example.org", "text"); err != nil {
			t.Errorf("the letter to another was answered with %v", err)
		}
	}
	taken := 0
	for _, l := range s.Letters() {
		if l.To == "b@example.org" {
			taken++
		}
	}
	if taken != 2 { // Take and CloseAfterDot
		t.Errorf("%d letters were taken", taken)
	}
}

func TestAStallEndsWithTheServer(t *testing.T) {
	s := listen(t, Options{})
	s.Set("b@example.org", Stall)
	answer := make(chan error)
	go func() { answer <- send(s, "a@example.org", "b@example.org", "text") }()
	if err := s.WaitStalled(soon(t), "b@example.org", 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-answer; err == nil {
		t.Error("the letter was taken")
	}
}

func TestWhoIsAskedFor(t *testing.T) {
	s := listen(t, Options{Encryption: TLS, User: "lobby", Password: "secret"})
	for password, right := range map[string]bool{"secret": true, "secre": false, "": false} {
		c, err := tls.Dial("tcp", s.Address(), s.ClientTLS())
		if err != nil {
			t.Fatal(err)
		}
		client, err := smtp.NewClient(c, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		err = client.Auth(smtp.PlainAuth("", "lobby", password, "127.0.0.1"))
		if (err == nil) != right {
			t.Errorf("%q was answered with %v", password, err)
		}
		if !right {
			if err := client.Mail("a@example.org"); err == nil {
				t.Error("nobody may send a letter")
			}
		}
		_ = client.Close() // Auth did so where it failed
	}
	if !strings.HasPrefix(s.URL(), "smtps://lobby@127.0.0.1:") {
		t.Errorf("the URL is %s", s.URL())
	}
}

func TestWhatIsNoLetterIsNotParsed(t *testing.T) {
	for _, raw := range []string{"", "no header", "Content-Type: image/png\n\nx", "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nx", "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nhalf"} {
		if m, err := (Letter{Raw: []byte(raw)}).Parse(); err == nil {
			t.Errorf("%q says %+v", raw, m)
		}
	}
}

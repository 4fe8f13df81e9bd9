package mail

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"lobby.example/delivery/mail/sink"
)

// mustPass fails unless the error is one that may pass.
func mustPass(t testing.TB, err error) {
	t.Helper()
	var permanent *PermanentError
	if err == nil || errors.As(err, &permanent) {
		t.Errorf("the error is %v, not one that may pass", err)
	}
}

func mustRefuse(t testing.TB, err error, code string, status int) {
	t.Helper()
	var permanent *PermanentError
	if !errors.As(err, &permanent) || permanent.Code != code || permanent.Status != status {
		t.Errorf("the error is %v, not %s %d", err, code, status)
	}
}

func TestARefusalIsPermanentAndSpoilsNoOther(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{Connections: 1})
	mailbox.Set("nobody@example.org", sink.Refuse)
	mailbox.Set("strict@example.org", sink.RefuseLetter)
	for range 5 {
		mustRefuse(t, s.Send(soon(t), letter("nobody@example.org")), CodeRefused, 550)
		mustSend(t, s, letter("jane@example.org"))
		mustRefuse(t, s.Send(soon(t), letter("strict@example.org")), CodeRefused, 554)
		mustSend(t, s, letter("jane@example.org"))
	}
	if len(mailbox.Letters()) != 10 || mailbox.Connections() != 1 {
		t.Errorf("%d letters on %d connections", len(mailbox.Letters()), mailbox.Connections())
	}
}

func TestWhatMayPassIsNotPermanent(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{Connections: 1, Timeout: time.Second})
	for _, b := range []sink.Behaviour{sink.Later, sink.LaterLetter, sink.Stall, sink.StallAtEnd, sink.CloseInData} {
		before := len(mailbox.Letters())
		mailbox.Next("jane@example.org", b)
		err := s.Send(soon(t), letter("jane@example.org"))
		mustPass(t, err)
		if stalls := b == sink.Stall || b == sink.StallAtEnd; stalls != errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("behaviour %d: %v", b, err)
		}
		if len(mailbox.Letters()) != before {
			t.Errorf("behaviour %d took a letter", b)
		}
		s.mu.Lock()
		if answered := b == sink.Later || b == sink.LaterLetter; answered != (len(s.free) == 1) {
			t.Errorf("behaviour %d left %d connections for the next letter", b, len(s.free))
		}
		s.mu.Unlock()
		mustSend(t, s, letter("jane@example.org")) // the next one
	}
}

// TestALetterTakenWithoutAnAnswerIsRecognisedTheSecondTime: the server takes it
// twice, and both have one Message-ID.
func TestALetterTakenWithoutAnAnswerIsRecognisedTheSecondTime(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{})
	mustSend(t, s, letter("john@example.org")) // so that the connection is one that was used
	mailbox.Next("jane@example.org", sink.CloseAfterDot)
	mustPass(t, s.Send(soon(t), letter("jane@example.org")))
	if n := len(mailbox.Letters()); n != 2 {
		t.Fatalf("%d letters were taken: a letter that may have been taken was sent again", n)
	}
	mustSend(t, s, letter("jane@example.org"))
	got := mailbox.Letters()[1:]
	if a, b := parse(t, got[0]), parse(t, got[1]); a.Field("Message-Id") != b.Field("Message-Id") || a.Text != b.Text || a.HTML != b.HTML {
		t.Errorf("the letter is not the same the second time:\n%s\n%s", got[0].Raw, got[1].Raw)
	}
}

func TestAConnectionThatTheServerEndedIsReplaced(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{})
	for range 5 {
		mustSend(t, s, letter("jane@example.org"))
		mailbox.Disconnect()
	}
	if len(mailbox.Letters()) != 5 || mailbox.Connections() != 5 {
		t.Errorf("%d letters on %d connections", len(mailbox.Letters()), mailbox.Connections())
	}
	few := listen(t, sink.Options{PerConnection: 3})
	s = sender(t, few, Options{})
	for range 10 {
		mustSend(t, s, letter("jane@example.org"))
	}
	if len(few.Letters()) != 10 || few.Connections() != 4 {
		t.Errorf("%d letters on %d connections", len(few.Letters()), few.Connections())
	}
}

func TestTheEndOfTheContextEndsALetterAtOnce(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{Connections: 1, Timeout: time.Hour})
	for i, b := range []sink.Behaviour{sink.Stall, sink.StallAtEnd} {
		mailbox.Set("slow@example.org", b)
		ctx, cancel := context.WithCancel(soon(t))
		answers := make(chan error)
		for range 2 { // the other one waits for the connection
			go func() { answers <- s.Send(ctx, letter("slow@example.org")) }()
		}
		if err := mailbox.WaitStalled(soon(t), "slow@example.org", i+1); err != nil {
			t.Fatal(err)
		}
		cancel()
		for range 2 {
			if err := <-answers; !errors.Is(err, context.Canceled) {
				t.Errorf("the error is %v", err)
			}
		}
		mustSend(t, s, letter("jane@example.org"))
	}
}

// TestAServerThatNeverGreets holds a letter for its timeout, and for its context.
func TestAServerThatNeverGreets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // connections wait in its backlog
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, scheme := range []string{"smtp+plain", "smtp", "smtps"} {
		o := Options{Server: scheme + "://" + l.Addr().String(), From: "post@lobby.example", Timeout: 100 * time.Millisecond}
		s, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(soon(t), letter("jane@example.org")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the error is %v", scheme, err)
		}
		ctx, cancel := context.WithCancel(soon(t))
		cancel()
		if err := s.Send(ctx, letter("jane@example.org")); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the error is %v", scheme, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	l.Close()
	s := sender(t, listen(t, sink.Options{}), Options{Server: "smtp+plain://" + l.Addr().String()})
	mustPass(t, s.Send(soon(t), letter("jane@example.org")))
}

func TestEncryptionIsNotGivenUp(t *testing.T) {
	plain := listen(t, sink.Options{})
	s := sender(t, plain, Options{Server: strings.Replace(plain.URL(), "smtp+plain", "smtp", 1)})
	mustPass(t, s.Send(soon(t), letter("jane@example.org")))

	stranger := listen(t, sink.Options{})
	for _, encryption := range []sink.Encryption{sink.StartTLS, sink.TLS} {
		mailbox := listen(t, sink.Options{Encryption: encryption})
		s := sender(t, stranger, Options{Server: mailbox.URL()}) // does not know the certificate
		err := s.Send(soon(t), letter("jane@example.org"))
		mustPass(t, err)
		if !strings.Contains(err.Error(), "certificate") {
			t.Errorf("the error is %v", err)
		}
		if len(mailbox.Letters()) != 0 {
			t.Error("a letter was taken")
		}
	}
}

func TestAServerThatWantsAuthenticationIsNotTheLettersFault(t *testing.T) {
	mailbox := listen(t, sink.Options{User: "lobby", Password: "secret"})
	s := sender(t, mailbox, Options{Server: "smtp+plain://" + mailbox.Address()})
	mustPass(t, s.Send(soon(t), letter("jane@example.org")))
}

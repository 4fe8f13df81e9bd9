package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"lobby.example/delivery/mail/sink"
)

func TestAConnectionThatNobodyNeedsEnds(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{})
	s.idle = time.Millisecond
	mustSend(t, s, letter("jane@example.org"))
	if err := mailbox.WaitOpen(soon(t), 0); err != nil {
		t.Error("the connection is still there")
	}
	mustSend(t, s, letter("jane@example.org"))
}

func TestCloseLeavesNoConnection(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{})
	mustSend(t, s, letter("jane@example.org"))
	if err := mailbox.WaitOpen(soon(t), 1); err != nil {
		t.Error("the connection was not kept")
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := mailbox.WaitOpen(soon(t), 0); err != nil {
		t.Error("a connection is still there")
	}
}

func TestAStalledRecipientDoesNotHoldUpOthers(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{Connections: 2, Timeout: time.Hour})
	mailbox.Set("slow@example.org", sink.Stall)
	ctx, cancel := context.WithCancel(soon(t))
	answer := make(chan error)
	go func() { answer <- s.Send(ctx, letter("slow@example.org")) }()
	if err := mailbox.WaitStalled(soon(t), "slow@example.org", 1); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		mustSend(t, s, letter("jane@example.org"))
	}
	cancel()
	mustPass(t, <-answer)
	if len(mailbox.Letters()) != 50 || mailbox.Connections() != 2 {
		t.Errorf("%d letters on %d connections", len(mailbox.Letters()), mailbox.Connections())
	}
}

// TestHalfALetterIsNeverEnded: a server that gets half of one may not get the dot
// that makes a letter of it.
func TestHalfALetterIsNeverEnded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	begun, stopped, rest := make(chan error, 1), make(chan struct{}), make(chan []byte, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			begun <- err
			return
		}
		defer c.Close()
		_ = c.(*net.TCPConn).SetReadBuffer(4096) // so that less is under way
		fmt.Fprint(c, "220 slow.example\r\n")
		r := bufio.NewReader(c)
		for command := ""; !strings.HasPrefix(command, "DATA"); {
			if command, err = r.ReadString('\n'); err != nil {
				begun <- err
				return
			}
			if strings.HasPrefix(command, "DATA") {
				fmt.Fprint(c, "354 go on\r\n")
			} else {
				fmt.Fprint(c, "250 fine\r\n")
			}
		}
		_, err = io.ReadFull(r, make([]byte, 1000)) // so it has begun
		begun <- err
		<-stopped
		all, _ := io.ReadAll(r) // whether it ends with a reset does not matter
		rest <- all
	}()
	s, err := New(Options{Server: "smtp+plain://" + l.Addr().String(), From: "post@lobby.example"})
	if err != nil {
		t.Fatal(err)
	}
	// Written already, as that takes long under the race detector.
	long := written{from: "post@lobby.example", to: "jane@example.org", content: bytes.Repeat([]byte("more than the buffers on the way take\r\n"), 1<<18)}
	ctx, cancel := context.WithCancel(soon(t))
	answer := make(chan error)
	go func() {
		c, err := s.connect(ctx)
		if err == nil {
			_, err = s.deliver(ctx, c, long)
		}
		answer <- err
	}()
	if err := <-begun; err != nil {
		t.Fatal(err)
	}
	cancel()
	mustPass(t, <-answer)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	close(stopped)
	if got := <-rest; strings.HasSuffix(string(got), "\r\n.\r\n") || strings.Contains(string(got), "QUIT\r\n") {
		t.Errorf("half a letter ends with %q", got[len(got)-40:])
	}
}

// TestAConnectionLastsLongerThanALetterMay: the timeout is each letter's own.
func TestAConnectionLastsLongerThanALetterMay(t *testing.T) {
	mailbox := listen(t, sink.Options{Encryption: sink.StartTLS})
	s := sender(t, mailbox, Options{Timeout: time.Second})
	for begun := time.Now(); time.Since(begun) < 1300*time.Millisecond; {
		mustSend(t, s, letter("jane@example.org"))
	}
	if n := mailbox.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestClosedMeansClosed(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{Connections: 1, Timeout: time.Second})
	mailbox.Set("slow@example.org", sink.Stall)
	answer := make(chan error, 2)
	go func() { answer <- s.Send(soon(t), letter("slow@example.org")) }()
	if err := mailbox.WaitStalled(soon(t), "slow@example.org", 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-answer; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the letter on its way was answered %v", err)
	}
	if err := s.Send(soon(t), letter("jane@example.org")); !errors.Is(err, ErrClosed) {
		t.Errorf("the error is %v", err)
	}
}

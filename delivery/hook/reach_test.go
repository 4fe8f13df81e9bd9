package hook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"lobby.example/domain"
)

func TestReachSendsNothing(t *testing.T) {
	said := make(chan []byte, 1)
	at := raw(t, func(conn net.Conn) {
		all, _ := io.ReadAll(conn)
		said <- all
	})
	if err := client(t).Reach(t.Context(), "http://"+at); err != nil {
		t.Fatal(err)
	}
	if got := <-said; len(got) != 0 {
		t.Errorf("said %q", got)
	}
}

func TestReachOverTLS(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){
		"HTTP/1.1": (*httptest.Server).StartTLS,
		"HTTP/2":   func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
	} {
		t.Run(name, func(t *testing.T) {
			to := receive(t, start, nil)
			if err := client(t, trusting(to.Server)).Reach(t.Context(), to.URL); err != nil {
				t.Error(err)
			}
			err := client(t).Reach(t.Context(), to.URL)
			refusedAs(t, err, "target_unreachable")
			if !strings.Contains(err.Error(), "its certificate is not trusted") {
				t.Error(err)
			}
			if n := len(to.arrived()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestReachOfWhatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	_ = l.Close()
	plain := receive(t, (*httptest.Server).Start, nil)
	silent := raw(t, func(conn net.Conn) { untilHungUp(conn, "", "") })
	for url, want := range map[string]string{
		"http://" + closed:                             "the connection was refused",
		"https://" + closed:                            "the connection was refused",
		strings.Replace(plain.URL, "http", "https", 1): "the connection failed",
		"https://" + silent:                            "it took too long",
	} {
		err := client(t, impatient).Reach(t.Context(), url)
		refusedAs(t, err, "target_unreachable")
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestReachThatIsGivenUp refuses nothing: it has not learned anything.
func TestReachThatIsGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent := raw(t, func(conn net.Conn) {
		cancel()
		untilHungUp(conn, "", "")
	})
	err := client(t).Reach(ctx, "https://"+silent)
	if _, is := errors.AsType[*domain.Refusal](err); is || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestTheOperatorHearsWhichAddress was refused, and nobody of the rest of the URL.
func TestTheOperatorHearsWhichAddress(t *testing.T) {
	var logged strings.Builder
	c := client(t, names(t, []string{"10.0.0.7"}), func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&logged, nil)) })
	err := c.Reach(t.Context(), "https://hook.receiver.example/events?token=hidden")
	refusedAs(t, err, "target_not_allowed")
	if strings.Contains(err.Error(), "10.0.0.7") || !strings.Contains(logged.String(), "10.0.0.7:443") || strings.Contains(logged.String(), "hidden") {
		t.Errorf("%v, logged %s", err, &logged)
	}
}

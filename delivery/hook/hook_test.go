package hook

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

const (
	secret    = "a secret of more than 32 characters!"
	oldSecret = "the secret that was there before this"
)

// TestMain names a proxy that is not there, which nothing here may use.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		_ = os.Setenv(name, "http://127.0.0.1:1")
	}
	os.Exit(m.Run())
}

// client may deliver to 127.0.0.1 and ::1, and to nothing else on this machine.
func client(t testing.TB, change ...func(*Options)) *Client {
	o := Options{
		Allow:   []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::1/128")},
		Timeout: 20 * time.Second, // what a busy machine needs; nothing waits for it
		Logger:  slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	c := New(o)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func impatient(o *Options) { o.Timeout = 200 * time.Millisecond }

func trusting(server *httptest.Server) func(*Options) {
	return func(o *Options) {
		o.RootCAs = x509.NewCertPool()
		o.RootCAs.AddCert(server.Certificate())
	}
}

func request(url string) Request {
	return Request{
		URL: url, ID: uuid.MustParse("0190c0de-0000-7000-8000-000000000001"), Attempt: 1, Kind: "message_sent",
		Body: []byte(`{"text":"The heating is cold again, could you please have a look?"}`), Secrets: []string{secret},
	}
}

// arrival is a request as it came to a receiver.
type arrival struct {
	*http.Request
	body []byte
}

// receiver is a program that is told of events, and keeps what it was told.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []arrival
}

// receive starts a receiver; answer nil answers 200.
func receive(t testing.TB, start func(*httptest.Server), answer http.HandlerFunc) *receiver {
	r := &receiver{}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.got = append(r.got, arrival{q, body})
		r.mu.Unlock()
		if answer != nil {
			answer(w, q)
		}
	}))
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	start(r.Server)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) arrived() []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}

// listenAt makes a receiver listen on another address than 127.0.0.1.
func listenAt(t testing.TB, address string) func(*httptest.Server) {
	return func(s *httptest.Server) {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Skip(err) // not every machine has IPv6, or all of 127.0.0.0/8
		}
		_ = s.Listener.Close()
		s.Listener = l
		s.Start()
	}
}

// raw is a receiver that need not speak HTTP. Each connection is closed at the end
// of talk, and all of them, before that, at the end of the test.
func raw(t testing.TB, talk func(net.Conn)) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var talks sync.WaitGroup
	talks.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			talks.Go(func() {
				defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
				defer conn.Close()
				talk(conn)
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		talks.Wait()
	})
	return l.Addr().String()
}

// answers reads a request's headers, says this, and hangs up.
func answers(text string) func(net.Conn) {
	return func(conn net.Conn) {
		read := make([]byte, 64<<10)
		if _, err := conn.Read(read); err == nil {
			_, _ = io.WriteString(conn, text)
		}
	}
}

// mayPass checks that an attempt failed in a way that is tried again, and says so
// without what was sent.
func mayPass(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatal("delivered")
	}
	if _, permanent := errors.AsType[*PermanentError](err); permanent || errors.Is(err, ErrGone) {
		t.Errorf("%v: is not tried again", err)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not say %q", err, want)
	}
	if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "heating") || len([]rune(err.Error())) > 400 {
		t.Errorf("says too much: %q", err)
	}
}

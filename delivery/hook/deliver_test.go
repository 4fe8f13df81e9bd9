package hook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestDeliver(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){
		"HTTP/1.1": (*httptest.Server).Start,
		"TLS":      (*httptest.Server).StartTLS,
		"HTTP/2.0": func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
		"IPv6":     nil,
	} {
		t.Run(name, func(t *testing.T) {
			if start == nil {
				start = listenAt(t, "[::1]:0")
			}
			to := receive(t, start, nil)
			c := client(t)
			if to.TLS != nil {
				c = client(t, trusting(to.Server))
			}
			r := request(to.URL + "/events?tenant=7")
			r.Secrets = []string{secret, oldSecret}
			for r.Attempt = 1; r.Attempt <= 2; r.Attempt++ {
				if err := c.Deliver(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
			got := to.arrived()
			if len(got) != 2 || got[0].RemoteAddr != got[1].RemoteAddr {
				t.Fatalf("%d requests, on more connections than one", len(got))
			}
			for i, q := range got {
				for name, want := range map[string]string{
					"Content-Type": "application/json", "User-Agent": "Lobby-Webhook/1", DeliveryHeader: r.ID.String(),
					AttemptHeader: strconv.Itoa(i + 1), EventHeader: "message_sent", "Cookie": "", "Accept-Encoding": "", "Content-Length": "",
				} {
					if q.Header.Get(name) != want && !(name == "Content-Length" && q.ContentLength == int64(len(r.Body))) {
						t.Errorf("%s: %q", name, q.Header.Get(name))
					}
				}
				if q.Method != http.MethodPost || q.RequestURI != "/events?tenant=7" || string(q.body) != string(r.Body) {
					t.Errorf("%s %s %s", q.Method, q.RequestURI, q.body)
				}
				for _, secret := range r.Secrets {
					if err := Verify(secret, q.Header, q.body, time.Now(), time.Minute); err != nil {
						t.Errorf("signature with %q: %v", secret, err)
					}
				}
				newest, _, _ := strings.Cut(q.Header.Get(SignatureHeader), " ")
				q.Header.Set(SignatureHeader, newest)
				if err := Verify(secret, q.Header, q.body, time.Now(), time.Minute); err != nil {
					t.Errorf("the newest secret does not sign first: %v", err)
				}
			}
			if strings.HasPrefix(name, "HTTP/") && got[0].Proto != name {
				t.Error(got[0].Proto)
			}
		})
	}
}

// TestTheStatusDecides, and redirects are not followed.
func TestTheStatusDecides(t *testing.T) {
	elsewhere := receive(t, (*httptest.Server).Start, nil)
	to := receive(t, (*httptest.Server).Start, func(w http.ResponseWriter, q *http.Request) {
		status, err := strconv.Atoi(q.URL.Path[1:])
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Location", elsewhere.URL)
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, "because")
	})
	c := client(t)
	for status := 200; status < 600; status++ {
		err := c.Deliver(t.Context(), request(to.URL+"/"+strconv.Itoa(status)))
		switch {
		case status < 300:
			if err != nil {
				t.Errorf("%d: %v", status, err)
			}
		case status == 410:
			if !errors.Is(err, ErrGone) {
				t.Errorf("410: %v", err)
			}
		case status == 304: // has no body
			mayPass(t, err, "answers 304 Not Modified")
		default:
			mayPass(t, err, strings.TrimSpace(fmt.Sprintf("answers %d %s", status, http.StatusText(status)))+`: "because"`)
		}
	}
	for _, q := range to.arrived() {
		if cookie := q.Header.Get("Cookie"); cookie != "" {
			t.Fatal("a cookie was kept: ", cookie)
		}
	}
	if n := len(to.arrived()); n != 400 {
		t.Errorf("%d attempts for 400 deliveries", n)
	}
	if got := elsewhere.arrived(); len(got) != 0 {
		t.Errorf("a redirect was followed, %d times", len(got))
	}
}

func TestNothingGoesOutUnsigned(t *testing.T) {
	to := receive(t, (*httptest.Server).Start, nil)
	for _, secrets := range [][]string{nil, {}, {""}, {secret, ""}} {
		r := request(to.URL)
		r.Secrets = secrets
		mayPass(t, client(t).Deliver(t.Context(), r), "no secret")
	}
	if n := len(to.arrived()); n != 0 {
		t.Errorf("%d deliveries", n)
	}
}

func TestAnUntrustedCertificateGetsNothing(t *testing.T) {
	to := receive(t, (*httptest.Server).StartTLS, nil)
	mayPass(t, client(t).Deliver(t.Context(), request(to.URL)), "certificate signed by unknown authority")
	if n := len(to.arrived()); n != 0 {
		t.Errorf("%d deliveries", n)
	}
}

func TestTheCallerMayGiveUp(t *testing.T) {
	came := make(chan struct{})
	to := receive(t, (*httptest.Server).Start, func(_ http.ResponseWriter, q *http.Request) {
		close(came)
		<-q.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-came
		cancel()
	}()
	err := client(t).Deliver(ctx, request(to.URL))
	mayPass(t, err, "given up")
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestASilentReceiverHoldsUpNobody: others are delivered to while it is silent.
func TestASilentReceiverHoldsUpNobody(t *testing.T) {
	came := make(chan struct{})
	silent := receive(t, (*httptest.Server).Start, func(_ http.ResponseWriter, q *http.Request) {
		close(came)
		<-q.Context().Done()
	})
	other := receive(t, (*httptest.Server).Start, nil)
	c := client(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- c.Deliver(ctx, request(silent.URL)) }()
	<-came
	for range 50 {
		if err := c.Deliver(t.Context(), request(other.URL)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-ended:
		t.Error("the silent one ended first: ", err)
	default:
		cancel()
		<-ended
	}
}

package hook

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestNothingOfAnAnswerIsTold, as it may repeat what was sent: a word is enough.
func TestNothingOfAnAnswerIsTold(t *testing.T) {
	body := string(request("").Body)
	for name, c := range map[string]struct{ said, want string }{
		"nothing":     {"", "hook: the receiver answers 503 Service Unavailable"},
		"a word":      {"cold", "hook: the receiver answers 503 Service Unavailable (body of 4 B)"},
		"an echo":     {body, fmt.Sprintf("hook: the receiver answers 503 Service Unavailable (body of %d B)", len(body))},
		"the secret":  {secret, fmt.Sprintf("hook: the receiver answers 503 Service Unavailable (body of %d B)", len(secret))},
		"a long one":  {strings.Repeat("a", 70_000), "hook: the receiver answers 503 Service Unavailable (body of 65536 B or more)"},
		"no sentence": {"\x1b\xff\r\n", "hook: the receiver answers 503 Service Unavailable (body of 4 B)"},
	} {
		t.Run(name, func(t *testing.T) {
			to := receive(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = io.WriteString(w, c.said)
			})
			if err := client(t).Deliver(t.Context(), request(to.URL)); err == nil || err.Error() != c.want {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestWhatIsToldOfNoAnswer is ours, too: no URL, no address, no word of the library's.
func TestWhatIsToldOfNoAnswer(t *testing.T) {
	plain := receive(t, (*httptest.Server).Start, nil)
	gone := receive(t, (*httptest.Server).Start, nil)
	gone.Close()
	for url, want := range map[string]string{
		gone.URL + "/token":                                        "hook: the connection was refused",
		strings.Replace(plain.URL, "http", "https", 1):             "hook: it answers without TLS",
		"https://" + raw(t, answers("220 mail.example.org\r\n")):   "hook: it answers without TLS",
		"http://" + raw(t, answers("HTTP/1.1 "+secret+"\r\n\r\n")): "hook: the answer is not HTTP",
	} {
		if err := client(t).Deliver(t.Context(), request(url)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, not %s", url, err, want)
		}
	}
}

// TestACertificateThatTellsTheSecret is a receiver that knows what errors say.
func TestACertificateThatTellsTheSecret(t *testing.T) {
	const hostly = "a-secret-that-may-be-the-name-of-a-host"
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{hostly}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	to := receive(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
		s.StartTLS()
	}, nil)
	r := request(strings.Replace(named(to), "http", "https", 1))
	c := client(t, trusting(to.Server), names(t, []string{"127.0.0.1"}))
	r.Secrets = []string{secret, hostly}
	if err := c.Deliver(t.Context(), r); err == nil || err.Error() != "hook: the certificate is not trusted" {
		t.Error(err)
	}
}

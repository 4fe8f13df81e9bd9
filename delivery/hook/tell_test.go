package hook

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestWhatIsToldOfAnAnswer(t *testing.T) {
	body := string(request("").Body)
	for name, c := range map[string]struct{ said, want string }{
		"nothing":       {"", "hook: the receiver answers 503 Service Unavailable"},
		"white space":   {" \r\n\t ", "hook: the receiver answers 503 Service Unavailable"},
		"a sentence":    {"busy, come back later\n", `hook: the receiver answers 503 Service Unavailable: "busy, come back later"`},
		"JSON":          {`{"error":"busy"}`, `hook: the receiver answers 503 Service Unavailable: "{"error":"busy"}"`},
		"controls":      {"a\r\nlevel=ERROR\x1b[31m\x00\u202e\\", `hook: the receiver answers 503 Service Unavailable: "a\r\nlevel=ERROR\x1b[31m\x00\u202e\\"`},
		"no UTF-8":      {"a\xff\xfeb", `hook: the receiver answers 503 Service Unavailable: "a` + "\uFFFD" + `b"`},
		"a long one":    {strings.Repeat("ä", 5000), `hook: the receiver answers 503 Service Unavailable: "` + strings.Repeat("ä", 200) + `…"`},
		"an echo":       {"cannot read " + body, "hook: the receiver answers 503 Service Unavailable" + withheld},
		"a quoted echo": {"cannot read " + strings.ReplaceAll(body, `"`, `\"`), "hook: the receiver answers 503 Service Unavailable" + withheld},
		"part of it":    {"no idea what is cold again, could you please", "hook: the receiver answers 503 Service Unavailable" + withheld},
		"the secret":    {"expected " + secret, "hook: the receiver answers 503 Service Unavailable" + withheld},
		"an old secret": {"expected " + oldSecret, "hook: the receiver answers 503 Service Unavailable" + withheld},
		"half a secret": {"expected " + secret[:24], "hook: the receiver answers 503 Service Unavailable" + withheld},
		"secret, cut":   {strings.Repeat("-", 195) + secret, "hook: the receiver answers 503 Service Unavailable" + withheld},
		"spaced secret": {"expected " + strings.Join(strings.Split(secret, ""), " "), "hook: the receiver answers 503 Service Unavailable" + withheld},
	} {
		t.Run(name, func(t *testing.T) {
			to := receive(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = io.WriteString(w, c.said)
			})
			r := request(to.URL)
			r.Secrets = []string{secret, oldSecret}
			if err := client(t).Deliver(t.Context(), r); err == nil || err.Error() != c.want {
				t.Errorf("%v", err)
			}
		})
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
	mayPass(t, c.Deliver(t.Context(), r), hostly)
	r.Secrets = []string{secret, hostly}
	if err := c.Deliver(t.Context(), r); err == nil || strings.Contains(err.Error(), hostly) {
		t.Error(err)
	}
}

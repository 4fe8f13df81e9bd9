package hook

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

var (
	signedAt = time.Unix(1764000000, 999_999_999)
	body     = []byte(`{"text":"Hello, world"}`)
)

// TestSign has what openssl says: printf '1764000000.{"text":"Hello, world"}' |
// openssl dgst -sha256 -hmac 'a secret of more than 32 characters!'
func TestSign(t *testing.T) {
	const want = "v1=502d991d8b02bd55a95967d7b8e4c9c57eae02b89a304b97348f7ac28a024a2b"
	if got := Sign(secret, signedAt, body); got != want {
		t.Error(got)
	}
}

func TestVerify(t *testing.T) {
	good := Sign(secret, signedAt, body)
	for name, c := range map[string]struct {
		timestamp, signature, secret, body string
		late                               time.Duration
		want                               error
	}{
		"as sent":              {"1764000000", good, secret, string(body), 0, nil},
		"newest first":         {"1764000000", Sign(oldSecret, signedAt, body) + " " + good, secret, string(body), 0, nil},
		"the other of two":     {"1764000000", good + " " + Sign(oldSecret, signedAt, body), oldSecret, string(body), 0, nil},
		"a scheme to come":     {"1764000000", "v2=00 " + good, secret, string(body), 0, nil},
		"just in time":         {"1764000000", good, secret, string(body), 5 * time.Minute, nil},
		"clock behind":         {"1764000000", good, secret, string(body), -5 * time.Minute, nil},
		"too late":             {"1764000000", good, secret, string(body), 5*time.Minute + 1, ErrNotNow},
		"from the future":      {"1764000000", good, secret, string(body), -5*time.Minute - 1, ErrNotNow},
		"end of time":          {"9223372036854775807", Sign(secret, time.Unix(1<<63-1, 0), body), secret, string(body), 0, ErrNotNow},
		"start of time":        {"-9223372036854775808", Sign(secret, time.Unix(-1<<63, 0), body), secret, string(body), 0, ErrNotNow},
		"another time":         {"1764000001", good, secret, string(body), 0, ErrNotSigned},
		"another body":         {"1764000000", good, secret, string(body) + " ", 0, ErrNotSigned},
		"another secret":       {"1764000000", good, oldSecret, string(body), 0, ErrNotSigned},
		"cut":                  {"1764000000", good[:len(good)-1], secret, string(body), 0, ErrNotSigned},
		"no scheme":            {"1764000000", good[3:], secret, string(body), 0, ErrNotSigned},
		"no signature":         {"1764000000", "", secret, string(body), 0, ErrNotSigned},
		"no time":              {"", good, secret, string(body), 0, ErrNotSigned},
		"no number":            {"now", good, secret, string(body), 0, ErrNotSigned},
		"a digit to the body":  {"176400000", Sign(secret, time.Unix(176400000, 0), []byte("0."+string(body))), secret, string(body), 0, ErrNotSigned},
		"a receiver's mistake": {"1764000000", Sign("", signedAt, body), "", string(body), 0, ErrNotSigned},
	} {
		header := http.Header{}
		header.Set("lobby-timestamp", c.timestamp)
		header.Set("lobby-signature", c.signature)
		now := time.Unix(signedAt.Unix(), 0).Add(c.late)
		if err := Verify(c.secret, header, []byte(c.body), now, 5*time.Minute); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Verify(secret, nil, body, signedAt, time.Minute); !errors.Is(err, ErrNotSigned) {
		t.Error(err)
	}
}

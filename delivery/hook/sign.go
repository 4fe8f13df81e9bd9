package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var (
	// ErrNotSigned is for a request that nobody signed who has the secret.
	ErrNotSigned = errors.New("hook: not signed with this secret")
	// ErrNotNow is for a request that was signed at another time: an old one,
	// sent again, unless a clock is wrong.
	ErrNotNow = errors.New("hook: signed too long ago, or in the future")
)

const scheme = "v1="

// Sign signs a body at a time: "v1=" and, in hexadecimal, the HMAC-SHA256 of the
// time in Unix seconds, a full stop and the body.
func Sign(secret string, timestamp time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(strconv.AppendInt(nil, timestamp.Unix(), 10))
	mac.Write([]byte("."))
	mac.Write(body)
	return scheme + hex.EncodeToString(mac.Sum(nil))
}

// Verify is the receiver's side: it reports whether the body was signed with the
// secret, no longer than tolerance before or after now. Signatures with other
// secrets, or of a scheme yet to come, do not matter. It fails with ErrNotSigned
// or ErrNotNow.
func Verify(secret string, header http.Header, body []byte, now time.Time, tolerance time.Duration) error {
	seconds, err := strconv.ParseInt(header.Get(TimestampHeader), 10, 64)
	if err != nil || secret == "" {
		return ErrNotSigned
	}
	signed := time.Unix(seconds, 0)
	want := []byte(Sign(secret, signed, body))
	for _, got := range strings.Fields(header.Get(SignatureHeader)) {
		if hmac.Equal([]byte(got), want) {
			if now.Sub(signed).Abs() > tolerance {
				return ErrNotNow
			}
			return nil
		}
	}
	return ErrNotSigned
}

package httpapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const subject = "0198c0de-0000-7000-8000-000000000001"

// signer has a key of each algorithm that is believed, and a verifier of both
// with a clock that the test moves.
type signer struct {
	ed  ed25519.PrivateKey
	ec  *ecdsa.PrivateKey
	pem []byte // the public halves
	now atomic.Int64
}

func newSigner(t testing.TB) *signer {
	_, ed, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &signer{ed: ed, ec: ec}
	for _, key := range []crypto.PublicKey{ed.Public(), ec.Public()} {
		s.pem = append(s.pem, publicPEM(t, key)...)
	}
	s.now.Store(time.Now().Unix())
	return s
}

func publicPEM(t testing.TB, key crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func (s *signer) verifier(t testing.TB, trust Trust) *Verifier {
	t.Helper()
	trust.KeyFile = writeFile(t, s.pem)
	v, err := NewVerifier(t.Context(), trust)
	if err != nil {
		t.Fatal(err)
	}
	v.now = func() time.Time { return time.Unix(s.now.Load(), 0) }
	return v
}

func writeFile(t testing.TB, text []byte) string {
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// claims are good ones with changes; a nil value removes one.
func (s *signer) claims(changes jwt.MapClaims) jwt.MapClaims {
	now := s.now.Load()
	c := jwt.MapClaims{"sub": subject, "iat": now, "exp": now + 600}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

func sign(t testing.TB, method jwt.SigningMethod, key any, claims jwt.Claims, header ...string) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	for i := 0; i+1 < len(header); i += 2 {
		token.Header[header[i]] = header[i+1]
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

package httpapi

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// publish is a server of a JWKS with the public keys of the signers.
type publish struct {
	*httptest.Server
	body    atomic.Pointer[[]byte]
	fetched atomic.Int64
}

func newPublish(t *testing.T) *publish {
	p := &publish{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.fetched.Add(1)
		if body := p.body.Load(); body != nil {
			w.Write(*body)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(p.Close)
	return p
}

func keySet(t *testing.T, signers map[string]*signer) []byte {
	set := jwkset.NewMemoryStorage()
	for kid, s := range signers {
		for suffix, key := range map[string]any{"-ed": s.ed.Public(), "-ec": s.ec.Public()} {
			jwk, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: kid + suffix}})
			if err != nil {
				t.Fatal(err)
			}
			if err := set.KeyWrite(t.Context(), jwk); err != nil {
				t.Fatal(err)
			}
		}
	}
	body, err := set.JSONPublic(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestKeysAreRotated(t *testing.T) {
	first, second := newSigner(t), newSigner(t)
	server := newPublish(t)
	both := keySet(t, map[string]*signer{"1": first, "2": second})
	old := keySet(t, map[string]*signer{"1": first})
	v, err := NewVerifier(t.Context(), Trust{JWKS: server.URL}) // which does not answer yet
	if err != nil {
		t.Fatal(err)
	}
	unlimited := func() {
		if v.keys, err = v.fetchKeys(t.Context(), server.URL, time.Nanosecond); err != nil {
			t.Fatal(err)
		}
	}
	verify := func(s *signer, kid string) error {
		_, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, s.ec, s.claims(jwt.MapClaims{"jti": uuid.NewString()}), "kid", kid))
		return err
	}
	if err := verify(first, "1-ec"); err == nil {
		t.Error("believed without keys")
	}
	server.body.Store(&old)
	unlimited()
	if err := verify(first, "1-ec"); err != nil {
		t.Errorf("first key: %v", err)
	}
	if err := verify(first, "1-ed"); err == nil {
		t.Error("a signature of another key than kid names")
	}
	server.body.Store(&both)
	if err := verify(second, "2-ec"); err != nil {
		t.Errorf("a key that was added: %v", err)
	}
	if err := verify(first, "2-ec"); err == nil {
		t.Error("believed by the wrong key")
	}

	// Unknown kids make it look again, but not as often as they are sent.
	if v, err = NewVerifier(t.Context(), Trust{JWKS: server.URL}); err != nil {
		t.Fatal(err)
	}
	before := server.fetched.Load()
	for range 50 {
		if err := verify(first, uuid.NewString()); err == nil {
			t.Error("believed an unknown kid")
		}
	}
	if fetched := server.fetched.Load() - before; fetched != 1 {
		t.Errorf("50 unknown kids, %d fetches", fetched)
	}
}

func TestKeyFileMayBeAKeySet(t *testing.T) {
	s := newSigner(t)
	v, err := NewVerifier(t.Context(), Trust{KeyFile: writeFile(t, keySet(t, map[string]*signer{"1": s}))})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{
		sign(t, jwt.SigningMethodEdDSA, s.ed, s.claims(nil), "kid", "1-ed"),
		sign(t, jwt.SigningMethodES256, s.ec, s.claims(nil)),
	} {
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Error(err)
		}
	}
}

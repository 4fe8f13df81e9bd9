package httpapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestOpenKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	keys := make([]Key, 16)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			var err error
			if keys[i], err = OpenKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, key := range keys {
		if !key.private.Equal(keys[0].private) {
			t.Fatal("two that raced got two keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}

	// What it mints, a verifier with the same file believes.
	v, err := NewVerifier(t.Context(), Trust{KeyFile: path})
	if err != nil {
		t.Fatal(err)
	}
	want := Caller{Person: uuid.New(), Audit: true, Platform: true}
	token, err := keys[0].Mint(want, time.Now(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.Verify(t.Context(), token); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := keys[0].Mint(want, time.Now(), 0); err == nil {
		t.Error("a token without a lifetime")
	}
}

func TestKeyFilesThatAreNone(t *testing.T) {
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := x509.MarshalPKCS8PrivateKey(large)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"empty": nil, "text": []byte("key"), "JSON": []byte(`{"keys":7}`), "P-384": publicPEM(t, large.Public()), "RSA": publicPEM(t, other.Public()),
		"certificate": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE"}), "broken": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY"}),
		"half good": append(newSigner(t).pem, publicPEM(t, other.Public())...),
	} {
		if _, err := NewVerifier(t.Context(), Trust{KeyFile: writeFile(t, text)}); err == nil {
			t.Errorf("%s: believed", name)
		}
	}
	for name, text := range map[string][]byte{
		"empty": nil, "public": newSigner(t).pem, "P-384": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: ec}),
	} {
		path := writeFile(t, text)
		if _, err := OpenKey(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, trust := range []Trust{{}, {JWKS: "https://host.example/keys", KeyFile: "x"}, {JWKS: "::"}, {KeyFile: "/nowhere"}} {
		if _, err := NewVerifier(t.Context(), trust); err == nil {
			t.Errorf("%+v: no error", trust)
		}
	}
}

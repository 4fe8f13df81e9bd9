package httpapi

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// Key signs tokens: the data directory's own, for the embedded default. A
// Verifier with its file as KeyFile believes them.
type Key struct{ private ed25519.PrivateKey }

// OpenKey reads the Ed25519 private key at path, and makes it (PKCS #8 in PEM,
// readable by its owner only) where there is none. Processes that race for it
// end up with the same key, and none ever sees half a file.
func OpenKey(path string) (Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return Key{}, fmt.Errorf("httpapi: make key: %w", err)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("httpapi: read key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return Key{}, fmt.Errorf("httpapi: %s holds no private key in PEM", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return Key{}, fmt.Errorf("httpapi: key %s: %w", path, err)
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return Key{}, fmt.Errorf("httpapi: key %s is no Ed25519 key", path)
	}
	return Key{private}, nil
}

// createKey writes a new key aside and links it to its place, which fails with
// fs.ErrExist where another process was faster.
func createKey(path string) error {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	err = pem.Encode(file, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Link(file.Name(), path)
}

// Mint signs a token for the caller that is valid from now for the given time.
func (k Key) Mint(caller Caller, now time.Time, lifetime time.Duration) (string, error) {
	if lifetime < time.Second {
		return "", fmt.Errorf("httpapi: a token for %s would not be valid for a second", lifetime)
	}
	var scope []string
	if caller.Platform {
		scope = append(scope, "platform")
	}
	if caller.Audit {
		scope = append(scope, "audit")
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"sub":   caller.Person.String(),
		"scope": strings.Join(scope, " "),
		"iat":   now.Unix(),
		"exp":   now.Add(lifetime).Unix(),
	})
	return token.SignedString(k.private)
}

// readKeys reads the public keys in a file: PEM blocks, or a JSON Web Key Set.
func readKeys(path string) (func(context.Context) jwt.Keyfunc, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		keys, err := keyfunc.NewJWKSetJSON(json.RawMessage(trimmed))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return keys.KeyfuncCtx, nil
	}
	var set jwt.VerificationKeySet
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		key, err := publicKey(block)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		set.Keys = append(set.Keys, key)
	}
	if len(set.Keys) == 0 {
		return nil, fmt.Errorf("%s holds no key in PEM and no JSON Web Key Set", path)
	}
	return func(context.Context) jwt.Keyfunc {
		return func(*jwt.Token) (any, error) { return set, nil }
	}, nil
}

// publicKey is the public half of the key in a block.
func publicKey(block *pem.Block) (crypto.PublicKey, error) {
	var key any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		err = fmt.Errorf("a %s is no key for tokens", strings.ToLower(block.Type))
	}
	if err != nil {
		return nil, err
	}
	if private, ok := key.(crypto.Signer); ok {
		key = private.Public()
	}
	switch key := key.(type) {
	case ed25519.PublicKey:
		return key, nil
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return key, nil
		}
	}
	return nil, errors.New("only Ed25519 and P-256 keys are believed")
}

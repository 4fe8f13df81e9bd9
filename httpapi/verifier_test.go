package httpapi

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

func TestTokens(t *testing.T) {
	s := newSigner(t)
	stranger := newSigner(t)
	now := s.now.Load()
	good := sign(t, jwt.SigningMethodEdDSA, s.ed, s.claims(nil))
	parts := strings.Split(good, ".")
	payload := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	ed := func(changes jwt.MapClaims) string { return sign(t, jwt.SigningMethodEdDSA, s.ed, s.claims(changes)) }
	trusted := jwt.MapClaims{"iss": "host", "aud": []string{"lobby", "other"}}

	for name, test := range map[string]struct {
		token string
		code  string // empty: believed
		want  Caller
		trust Trust
	}{
		"EdDSA":             {token: good},
		"ES256":             {token: sign(t, jwt.SigningMethodES256, s.ec, s.claims(nil))},
		"scopes":            {token: ed(jwt.MapClaims{"scope": "openid platform"}), want: Caller{Platform: true}},
		"list of scopes":    {token: ed(jwt.MapClaims{"scope": []string{"audit", "x"}}), want: Caller{Audit: true}},
		"part of a scope":   {token: ed(jwt.MapClaims{"scope": "platforms xaudit Audit"})},
		"upper case sub":    {token: ed(jwt.MapClaims{"sub": strings.ToUpper(subject)})},
		"iat within leeway": {token: ed(jwt.MapClaims{"iat": now + 20})},
		"issuer, audience":  {token: ed(trusted), trust: Trust{Issuer: "host", Audience: "lobby"}},

		"wrong issuer":      {token: ed(trusted), trust: Trust{Issuer: "other"}, code: "invalid_token"},
		"no issuer":         {token: good, trust: Trust{Issuer: "host"}, code: "invalid_token"},
		"wrong audience":    {token: ed(trusted), trust: Trust{Audience: "x"}, code: "invalid_token"},
		"expired":           {token: ed(jwt.MapClaims{"exp": now - 100}), code: "token_expired"},
		"expired just now":  {token: ed(jwt.MapClaims{"exp": now}), code: "token_expired"},
		"no exp":            {token: ed(jwt.MapClaims{"exp": nil}), code: "invalid_token"},
		"exp no number":     {token: ed(jwt.MapClaims{"exp": "soon"}), code: "invalid_token"},
		"not yet":           {token: ed(jwt.MapClaims{"nbf": now + 60}), code: "invalid_token"},
		"made later":        {token: ed(jwt.MapClaims{"iat": now + 60}), code: "invalid_token"},
		"no sub":            {token: ed(jwt.MapClaims{"sub": nil}), code: "invalid_token"},
		"sub no uuid":       {token: ed(jwt.MapClaims{"sub": "ann"}), code: "invalid_token"},
		"sub in braces":     {token: ed(jwt.MapClaims{"sub": "{" + subject + "}"}), code: "invalid_token"},
		"nobody":            {token: ed(jwt.MapClaims{"sub": uuid.Nil.String()}), code: "invalid_token"},
		"scope no text":     {token: ed(jwt.MapClaims{"scope": 7}), code: "invalid_token"},
		"critical":          {token: sign(t, jwt.SigningMethodEdDSA, s.ed, s.claims(nil), "crit", "b64"), code: "invalid_token"},
		"of a stranger":     {token: sign(t, jwt.SigningMethodEdDSA, stranger.ed, s.claims(nil)), code: "invalid_token"},
		"of a stranger, EC": {token: sign(t, jwt.SigningMethodES256, stranger.ec, s.claims(nil)), code: "invalid_token"},
		"expired stranger":  {token: sign(t, jwt.SigningMethodEdDSA, stranger.ed, s.claims(jwt.MapClaims{"exp": now - 9})), code: "invalid_token"},
		"alg none":          {token: sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, s.claims(nil)), code: "invalid_token"},
		"alg none, kept":    {token: payload(`{"alg":"none"}`) + "." + parts[1] + "." + parts[2], code: "invalid_token"},
		"HS256 by PEM":      {token: sign(t, jwt.SigningMethodHS256, s.pem, s.claims(nil)), code: "invalid_token"},
		"HS256 by key":      {token: sign(t, jwt.SigningMethodHS256, []byte(s.ed.Public().(ed25519.PublicKey)), s.claims(nil)), code: "invalid_token"},
		"payload exchanged": {token: parts[0] + "." + payload(`{"sub":"`+subject+`","exp":9999999999,"scope":"audit"}`) + "." + parts[2], code: "invalid_token"},
		"no signature":      {token: parts[0] + "." + parts[1] + ".", code: "invalid_token"},
		"two parts":         {token: parts[0] + "." + parts[1], code: "invalid_token"},
		"empty":             {token: "", code: "invalid_token"},
		"word":              {token: "x", code: "invalid_token"},
		"huge":              {token: ed(jwt.MapClaims{"x": strings.Repeat("x", 5000)}), code: "invalid_token"},
	} {
		t.Run(name, func(t *testing.T) {
			v := s.verifier(t, test.trust)
			for range 2 { // the second time from memory
				caller, err := v.Verify(t.Context(), test.token)
				if test.code != "" {
					if problem := ProblemOf(err); problem == nil || problem.Status != 401 || problem.Code != test.code {
						t.Errorf("%+v, %v", caller, err)
					}
					continue
				}
				test.want.Person = uuid.MustParse(subject)
				if err != nil || caller != test.want {
					t.Errorf("%+v, %v", caller, err)
				}
			}
		})
	}
}

// A remembered token ends in the second that it says, and a shortly remembered
// one is checked again.
func TestRememberedTokenExpires(t *testing.T) {
	s := newSigner(t)
	v := s.verifier(t, Trust{})
	token := sign(t, jwt.SigningMethodEdDSA, s.ed, s.claims(nil))
	for _, step := range []struct {
		forward int64
		code    string
	}{{0, ""}, {0, ""}, {299, ""}, {2, ""}, {298, ""}, {1, "token_expired"}, {0, "token_expired"}, {1000, "token_expired"}} {
		s.now.Add(step.forward)
		_, err := v.Verify(t.Context(), token)
		if problem := ProblemOf(err); (problem == nil) != (step.code == "") || problem != nil && problem.Code != step.code {
			t.Errorf("%+v: %v", step, err)
		}
	}

	// What is remembered is not looked at again until the five minutes are over.
	token = sign(t, jwt.SigningMethodEdDSA, s.ed, s.claims(jwt.MapClaims{"exp": s.now.Load() + 3600}))
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	v.keys = func(context.Context) jwt.Keyfunc {
		return func(*jwt.Token) (any, error) { return newSigner(t).ed.Public(), nil } // the old key was withdrawn
	}
	s.now.Add(299)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Error("not remembered")
	}
	s.now.Add(1)
	if _, err := v.Verify(t.Context(), token); err == nil {
		t.Error("a withdrawn key is believed for ever")
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	s := newSigner(t)
	v := s.verifier(t, Trust{})
	tokens := make([]string, 20)
	people := make([]uuid.UUID, len(tokens))
	for i := range tokens {
		people[i] = uuid.New()
		tokens[i] = sign(t, jwt.SigningMethodEdDSA, s.ed, s.claims(jwt.MapClaims{"sub": people[i].String()}))
	}
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 200 {
				n := (i*7 + worker) % len(tokens)
				caller, err := v.Verify(t.Context(), tokens[n])
				if err != nil || caller.Person != people[n] {
					t.Errorf("%v is %v, %v", people[n], caller, err)
				}
				if worker == 0 && i == 100 {
					s.now.Add(301) // everything remembered is stale while the others ask
				}
			}
		})
	}
	group.Wait()
}

// A refused token leaves its cause, and nothing of itself, in the debug log.
func TestRefusedTokenInTheLog(t *testing.T) {
	s := newSigner(t)
	var log bytes.Buffer
	v := s.verifier(t, Trust{Issuer: "host", Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	token := sign(t, jwt.SigningMethodEdDSA, s.ed, s.claims(nil))
	if _, err := v.Verify(t.Context(), token); err == nil {
		t.Fatal("believed")
	}
	if !strings.Contains(log.String(), "iss") || strings.Contains(log.String(), token[len(token)-20:]) {
		t.Errorf("log: %s", &log)
	}
}

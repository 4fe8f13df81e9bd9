package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

const (
	leeway          = 30 * time.Second // for nbf and iat; none for exp
	remembered      = 5 * time.Minute  // a withdrawn key is believed no longer than this after a refresh
	refreshInterval = 5 * time.Minute  // of the keys at a URL
	rememberedMax   = 100_000          // tokens
	maxTokenBytes   = 4096
)

// Trust says whose tokens are believed. Exactly one of JWKS and KeyFile is given.
type Trust struct {
	JWKS     string       // URL of a JSON Web Key Set; fetched again every 5 minutes, and for an unknown kid at most every 10 s
	KeyFile  string       // PEM with one or more public or private keys, or a JSON Web Key Set
	Issuer   string       // required iss, if not empty
	Audience string       // required among aud, if not empty
	Log      *slog.Logger // where failures to fetch keys go; slog.Default() when nil
}

// Verifier tells by a token who is calling. It believes EdDSA (Ed25519) and
// ES256 and nothing else.
type Verifier struct {
	keys   func(context.Context) jwt.Keyfunc
	parser *jwt.Parser
	known  *otter.Cache[string, *verified]
	now    func() time.Time
	log    *slog.Logger
}

// verified is a token that has been checked; until is never after its exp.
type verified struct {
	caller Caller
	until  time.Time
}

// NewVerifier makes a verifier. The context ends the refreshing of a JWKS; a
// URL that does not answer at first is an error in the log, not here, so that
// an outage elsewhere does not keep this process from starting.
func NewVerifier(ctx context.Context, trust Trust) (*Verifier, error) {
	v := &Verifier{now: time.Now, log: trust.Log}
	if v.log == nil {
		v.log = slog.Default()
	}
	var err error
	switch {
	case (trust.JWKS == "") == (trust.KeyFile == ""):
		err = errors.New("one of a JWKS URL and a key file is needed")
	case trust.JWKS != "":
		v.keys, err = v.fetchKeys(ctx, trust.JWKS, 10*time.Second)
	default:
		v.keys, err = readKeys(trust.KeyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("httpapi: token keys: %w", err)
	}
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{"EdDSA", "ES256"}),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(func() time.Time { return v.now() }),
	}
	if trust.Issuer != "" {
		options = append(options, jwt.WithIssuer(trust.Issuer))
	}
	if trust.Audience != "" {
		options = append(options, jwt.WithAudience(trust.Audience))
	}
	v.parser = jwt.NewParser(options...)
	v.known, err = otter.New(&otter.Options[string, *verified]{MaximumSize: rememberedMax})
	return v, err
}

// fetchKeys reads keys from a URL. An unknown kid makes it look again, but not
// more often than every given interval, whoever sends them.
func (v *Verifier) fetchKeys(ctx context.Context, url string, unknown time.Duration) (func(context.Context) jwt.Keyfunc, error) {
	keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{url}, keyfunc.Override{
		Client:            &http.Client{Timeout: 10 * time.Second},
		RefreshInterval:   refreshInterval,
		RefreshUnknownKID: rate.NewLimiter(rate.Every(unknown), 1),
		RateLimitWaitMax:  5 * time.Second, // bounds the fetch as well as the wait
		RefreshErrorHandlerFunc: func(url string) func(context.Context, error) {
			return func(ctx context.Context, err error) {
				v.log.ErrorContext(ctx, "token keys could not be fetched", "url", url, "cause", err)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	return keys.KeyfuncCtx, nil
}

// Verify says who a token speaks for. Its error is a *Problem: 401
// "token_expired" or "invalid_token".
func (v *Verifier) Verify(ctx context.Context, token string) (Caller, error) {
	caller, problem := v.verify(ctx, token)
	if problem != nil {
		return Caller{}, problem
	}
	return *caller, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (*Caller, *Problem) {
	if v == nil || len(token) > maxTokenBytes {
		return nil, unauthorized("invalid_token", "the token is not valid")
	}
	now := v.now()
	if known, ok := v.known.GetIfPresent(token); ok && now.Before(known.until) {
		return &known.caller, nil
	}
	caller, expires, err := v.parse(ctx, token)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) || err == nil && !now.Before(expires):
		return nil, unauthorized("token_expired", "the token has expired")
	case err != nil:
		v.log.DebugContext(ctx, "token refused", "cause", err)
		return nil, unauthorized("invalid_token", "the token is not valid")
	}
	until := now.Add(remembered)
	if expires.Before(until) {
		until = expires
	}
	known := &verified{caller, until}
	v.known.Set(token, known)
	return &known.caller, nil
}

type claims struct {
	jwt.RegisteredClaims
	Scope scopes `json:"scope"`
}

// scopes is a space-separated string, or a list as some issuers write it.
type scopes []string

func (s *scopes) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*s = strings.Fields(text)
		return nil
	}
	return json.Unmarshal(data, (*[]string)(s))
}

func (v *Verifier) parse(ctx context.Context, text string) (Caller, time.Time, error) {
	var c claims
	token, err := v.parser.ParseWithClaims(text, &c, v.keys(ctx))
	if err != nil {
		return Caller{}, time.Time{}, err
	}
	if _, ok := token.Header["crit"]; ok { // RFC 7515: what is critical and not understood is refused
		return Caller{}, time.Time{}, errors.New("the token has critical extensions")
	}
	person, err := uuid.Parse(c.Subject)
	if err != nil || len(c.Subject) != 36 || person == uuid.Nil {
		return Caller{}, time.Time{}, errors.New("the token's sub is no uuid")
	}
	return Caller{
		Person:   person,
		Platform: slices.Contains(c.Scope, "platform"),
		Audit:    slices.Contains(c.Scope, "audit"),
	}, c.ExpiresAt.Time, nil
}

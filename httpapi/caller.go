package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// Caller is who sends a request, as a verified token says.
type Caller struct {
	Person   uuid.UUID // the subject; whether it is a registered person the token does not say
	Platform bool      // the host product: registers people, acts for landlords
	Audit    bool      // may read the log
}

// callerContext carries a caller: one allocation, and one step to find it.
type callerContext struct {
	context.Context
	caller *Caller
}

type callerKey struct{}

func (c callerContext) Value(key any) any {
	if key == (callerKey{}) {
		return c.caller
	}
	return c.Context.Value(key)
}

// CallerOf is the caller of the request that the context belongs to. Where
// there is none it is the zero Caller, who is nobody and may do nothing.
func CallerOf(ctx context.Context) Caller {
	if caller, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return *caller
	}
	return Caller{}
}

// WithCaller makes a context of the caller, for who calls a handler without a
// request.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return callerContext{ctx, &caller}
}

// bearer finds the caller by the Authorization headers of a request.
func (v *Verifier) bearer(ctx context.Context, headers []string) (*Caller, *Problem) {
	if len(headers) == 0 {
		return nil, unauthorized("unauthorized", "this operation needs a bearer token")
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return nil, unauthorized("unauthorized", "this operation needs one bearer token")
	}
	return v.verify(ctx, strings.TrimLeft(token, " "))
}

// unauthorized is a 401 with the challenge of RFC 6750.
func unauthorized(code, detail string) *Problem {
	challenge := `Bearer realm="lobby"`
	if code != "unauthorized" {
		challenge += `, error="invalid_token", error_description="` + detail + `"`
	}
	return NewProblem(http.StatusUnauthorized, code, detail).WithHeader("WWW-Authenticate", challenge)
}

// UnknownCaller answers a valid token of somebody who is no registered person,
// or has been deactivated: nobody gets in as them, on any route.
func UnknownCaller() *Problem {
	return unauthorized("unknown_caller", "the token is of nobody who is registered and active")
}

package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	maxBodyBytes    = 1 << 20          // of a request, where the operation names no other limit
	bodyReadTimeout = 30 * time.Second // for the whole body, where the operation names no other
)

// Public is the Security of an operation that asks for no token.
var Public = []map[string][]string{}

// Register adds an operation. OperationID is the name of the command or query
// and is required; summary and tag follow from it and from the path where they
// are not given. MaxBodyBytes (1 MiB) is the largest body accepted, and
// BodyReadTimeout (30 s) bounds the time to receive it.
//
// The handler's context carries the caller (CallerOf). An error of the handler
// is answered as ProblemOf says; one that is no *Problem and no *domain.Refusal
// is logged, with the operation and the caller, and answered as 500 "internal".
// So is a panic. Statuses named in Errors are declared in the OpenAPI document
// besides the default problem response.
func Register[I, O any](api *API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	if op.OperationID == "" {
		panic("httpapi: the operation " + op.Method + " " + op.Path + " has no OperationID")
	}
	limit := op.MaxBodyBytes
	if limit == 0 {
		limit = maxBodyBytes
	}
	op.MaxBodyBytes = -1 // guard counts: huma would refuse a body of exactly the limit
	if op.BodyReadTimeout == 0 {
		op.BodyReadTimeout = bodyReadTimeout
	}
	op.Middlewares = append(huma.Middlewares{api.guard(limit, isPublic(op))}, op.Middlewares...)
	describe(&op)

	name := op.OperationID
	huma.Register(api.huma, op, func(ctx context.Context, in *I) (out *O, err error) {
		defer func() {
			if r := recover(); r != nil && r != http.ErrAbortHandler {
				out, err = nil, api.problem(ctx, name, fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
			} else if r != nil {
				panic(r)
			}
		}()
		if out, err = handler(ctx, in); err != nil {
			return nil, api.problem(ctx, name, err)
		}
		return out, nil
	})
}

func isPublic(op huma.Operation) bool { return op.Security != nil && len(op.Security) == 0 }

// guard runs before anything of the request is parsed: it finds out who is
// calling and bounds the body.
func (a *API) guard(limit int64, public bool) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		if !public {
			caller, problem := a.tokens.bearer(r.Context(), r.Header["Authorization"])
			if problem != nil {
				problem.ServeHTTP(w, r)
				return
			}
			ctx = huma.WithContext(ctx, callerContext{r.Context(), caller})
		}
		if problem := badKey(r.Header["Idempotency-Key"]); problem != nil {
			problem.ServeHTTP(w, r)
			return
		}
		if r.Body != http.NoBody && limit > 0 {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
		}
		next(ctx)
	}
}

// describe fills what an operation's author need not write.
func describe(op *huma.Operation) {
	if op.Summary == "" {
		op.Summary = sentence(op.OperationID)
	}
	if op.Tags == nil {
		if tag, _, _ := strings.Cut(strings.TrimPrefix(op.Path, "/v1/"), "/"); tag != "" {
			op.Tags = []string{tag}
		}
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	problem := &huma.Response{Ref: "#/components/responses/Problem"}
	for _, status := range op.Errors {
		op.Responses[strconv.Itoa(status)] = problem
	}
	op.Errors = nil
	op.Responses["default"] = problem
}

// sentence turns "MarkUnread" into "Mark unread".
func sentence(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

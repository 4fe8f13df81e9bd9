package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lobby.example/domain"
)

// Problem is an answer that refuses a request: an RFC 9457 problem document.
// As an error it can be returned by any handler; as an http.Handler it can
// stand in for one. Code is stable and made for programs; Detail is one
// sentence for a person.
type Problem struct {
	Type    string           `json:"type" doc:"always about:blank: the code says which problem it is"`
	Title   string           `json:"title" doc:"the name of the status"`
	Status  int              `json:"status" doc:"the status of HTTP"`
	Code    string           `json:"code" doc:"which problem it is; stable, snake_case"`
	Detail  string           `json:"detail,omitempty" doc:"one sentence for a person"`
	Errors  []FieldError     `json:"errors,omitempty" doc:"the fields at fault, where there are some"`
	Decided *domain.Deciding `json:"decided,omitempty" doc:"the event that decided against the command"`

	header http.Header
}

// FieldError names one field at fault.
type FieldError struct {
	In      string `json:"in,omitempty" doc:"body, path, query or header, where it is known"`
	Field   string `json:"field,omitempty" doc:"the field, as in entries[2].id"`
	Code    string `json:"code,omitempty" doc:"what is wrong with it; stable, snake_case"`
	Message string `json:"message" doc:"what is wrong with it, for a person"`
}

// NewProblem makes a problem that no rule of the domain decided.
func NewProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// WithHeader adds a header to the answer and returns the problem.
func (p *Problem) WithHeader(name, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Add(name, value)
	return p
}

// RetryAfter tells the client when to come back, in whole seconds, at least one.
func (p *Problem) RetryAfter(wait time.Duration) *Problem {
	return p.WithHeader("Retry-After", strconv.Itoa(max(1, int(wait.Round(time.Second)/time.Second))))
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus, GetHeaders and ContentType are what huma asks of an error.
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) GetHeaders() http.Header   { return p.header }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// ServeHTTP answers any request with the problem.
func (p *Problem) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(p)
	if err != nil {
		panic("httpapi: a problem cannot be written: " + err.Error()) // plain data: cannot be
	}
	header := w.Header()
	for name, values := range p.header {
		header[name] = values
	}
	header.Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	w.Write(append(body, '\n')) // where this fails nobody is left to tell
}

// statuses is the one table from a refusal's reason to a status.
var statuses = map[domain.Reason]int{
	domain.Invalid:   http.StatusUnprocessableEntity,
	domain.Forbidden: http.StatusForbidden,
	domain.NotFound:  http.StatusNotFound,
	domain.Conflict:  http.StatusConflict,
}

// ProblemOf is the problem that answers an error, or nil where the error is
// internal: neither a *Problem nor a *domain.Refusal, nor the end of a context,
// nor a body over its limit.
func ProblemOf(err error) *Problem {
	if problem, ok := errors.AsType[*Problem](err); ok {
		return problem
	}
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		status, ok := statuses[refusal.Reason]
		if !ok {
			return nil
		}
		problem := NewProblem(status, refusal.Code, refusal.Message)
		problem.Decided = refusal.Decided
		if refusal.Field != "" {
			problem.Errors = []FieldError{{Field: refusal.Field, Code: refusal.Code, Message: refusal.Message}}
		}
		return problem
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return bodyTooLarge(tooLarge.Limit)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return NewProblem(http.StatusServiceUnavailable, "unavailable", "the request could not be finished in time").
			RetryAfter(time.Second)
	}
	return nil
}

// problem answers an error of an operation's handler, and logs what must not be
// in the answer.
func (a *API) problem(ctx context.Context, operation string, err error) *Problem {
	problem := ProblemOf(err)
	if problem == nil {
		a.log.LogAttrs(ctx, slog.LevelError, "request failed",
			slog.String("operation", operation),
			slog.String("caller", CallerOf(ctx).Person.String()),
			slog.String("cause", err.Error()))
		return NewProblem(http.StatusInternalServerError, "internal", "something went wrong here; it has been recorded")
	}
	if problem.Code == "unavailable" && ctx.Err() == nil { // a limit of ours, not a client that left
		a.log.LogAttrs(ctx, slog.LevelWarn, "request not finished in time",
			slog.String("operation", operation), slog.String("cause", err.Error()))
	}
	return problem
}

func bodyTooLarge(limit int64) *Problem {
	return NewProblem(http.StatusRequestEntityTooLarge, "body_too_large",
		"the body is larger than "+strconv.FormatInt(limit, 10)+" bytes")
}

// describeProblem is the response that every operation of the OpenAPI document
// refers to.
func describeProblem(schemas huma.Registry) *huma.Response {
	return &huma.Response{
		Description: "A problem document (RFC 9457)",
		Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")},
		},
	}
}

package readapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"lobby.example/httpapi"
)

// Reading is embedded in the input of every query.
type Reading struct {
	After       string `query:"after" maxLength:"100" doc:"the position of a command: wait until its effects are visible"`
	IfNoneMatch string `header:"If-None-Match" doc:"the ETag of what the client has; 304 if it is still that"`
	path, query string
}

// Resolve keeps what makes one request the same as another.
func (r *Reading) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	r.path, r.query = u.EscapedPath(), u.RawQuery
	return nil
}

func (r *Reading) base() *Reading    { return r }
func (r *Reading) about() string     { return "" }
func (r *Reading) forPlatform() bool { return false }

// question is what every input is: it knows its request, the channel that the
// answer is about, if any, and whether only the platform asks it.
type question interface {
	base() *Reading
	about() string
	forPlatform() bool
}

// output is an answer as HTTP.
type output[B any] struct {
	Status       int
	ETag         string `header:"ETag" doc:"of the body"`
	CacheControl string `header:"Cache-Control"`
	Position     string `header:"Lobby-Position" doc:"the answer shows everything up to this position"`
	Body         httpapi.Encoded[B]
}

// route adds the route of one query.
func route[I, B any, P interface {
	*I
	question
}](a *API, api *httpapi.API, operation huma.Operation, read func(*view, *I) (*B, error)) {
	operation.Responses = map[string]*huma.Response{"304": {Description: "Not Modified: the client has it"}}
	httpapi.Register(api, operation, func(ctx context.Context, in *I) (*output[B], error) {
		made, position, err := a.ask(ctx, httpapi.CallerOf(ctx), P(in), func(v *view) (any, error) { return read(v, in) })
		if err != nil {
			return nil, err
		}
		out := &output[B]{Status: http.StatusOK, ETag: made.etag, CacheControl: "private, no-cache", Position: position.String()}
		if httpapi.NoneMatch(P(in).base().IfNoneMatch, made.etag) {
			out.Status = http.StatusNotModified
			return out, nil
		}
		out.Body.JSON = made.body
		return out, nil
	})
}

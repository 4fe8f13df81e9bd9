package readapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lobby.example/domain"
	"lobby.example/eventlog"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
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
		asked, caller := P(in).base(), httpapi.CallerOf(ctx)
		// Before memory is asked: what is kept there is kept by who asks, whatever their
		// token allows.
		if P(in).forPlatform() && !caller.Platform {
			return nil, a.refuse(ctx, caller)
		}
		if asked.After != "" {
			if err := a.waitFor(ctx, asked.After); err != nil {
				return nil, err
			}
		}
		// Asked before memory is: what is kept there holds at this position or later,
		// and is no more to be trusted than the model is.
		position, err := a.model.Position()
		if err != nil {
			return nil, answerable(err)
		}
		person := caller.Person.String()
		today := domain.DateOf(a.now())
		key := person + string(today) + asked.path + "?" + withoutAfter(asked.query)
		made := a.answers.find(key)
		if made == nil {
			made = &answer{commit: a.answers.now()}
			known := position
			var v *view
			again := func(kept *Answers) error {
				checkpoint, err := a.model.View(ctx, func(q readmodel.Query) error {
					v = &view{Query: q, ctx: ctx, person: readmodel.ID(person), today: today, tags: []string{person}, kept: kept, commit: made.commit}
					if about := P(in).about(); about != "" {
						v.depends(about)
					}
					answer := func() error {
						body, err := read(v, in)
						if err != nil {
							return err
						}
						made.body, err = encode(body)
						return err
					}
					defer func() { made.tags = v.tags }()
					if P(in).forPlatform() { // which need not be a person
						return answer()
					}
					return v.answer(answer)
				})
				if err == nil {
					position, err = positionOf(checkpoint)
				}
				return err
			}
			err := again(a.answers)
			if err == nil && v.took && position != known {
				// The view has a commit that nobody has told of, so what was kept may be from
				// before it.
				err = again(nil)
			}
			if err != nil {
				return nil, answerable(err)
			}
			if position == known { // likewise
				for _, part := range v.made {
					a.answers.keep(part.key, part.answer)
				}
			}
			made.etag = httpapi.ETag(made.body)
			a.answers.keep(key, made)
		}
		out := &output[B]{Status: http.StatusOK, ETag: made.etag, CacheControl: "private, no-cache", Position: position.String()}
		if httpapi.NoneMatch(asked.IfNoneMatch, made.etag) {
			out.Status = http.StatusNotModified
			return out, nil
		}
		out.Body.JSON = made.body
		return out, nil
	})
}

// withoutAfter is the query without its position, which changes nothing of the answer.
func withoutAfter(query string) string {
	if !strings.Contains(query, "after=") {
		return query
	}
	parameters := strings.Split(query, "&")
	kept := parameters[:0]
	for _, p := range parameters {
		if !strings.HasPrefix(p, "after=") {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "&")
}

func encode(body any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	return b.Bytes(), err
}

func positionOf(c readmodel.Checkpoint) (eventlog.Position, error) {
	if c.Position == "" {
		return eventlog.Position{}, nil
	}
	return eventlog.ParsePosition(c.Position)
}

// waitFor waits, bounded, until the model has the position.
func (a *API) waitFor(ctx context.Context, after string) error {
	position, err := eventlog.ParsePosition(after)
	if err != nil {
		return domain.Bad("after", "invalid_position", "This is no position as a command answers with.")
	}
	at, err := a.model.Position()
	if err != nil {
		return answerable(err)
	}
	if !at.SameLog(position) {
		return domain.Bad("after", "foreign_position", "This position is of another log.")
	}
	return a.wait(ctx, position)
}

// wait waits, bounded, for a position of the model's log.
func (a *API) wait(ctx context.Context, position eventlog.Position) error {
	waiting, cancel := context.WithTimeout(ctx, a.maxWait)
	defer cancel()
	err := a.model.Wait(waiting, position)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return httpapi.NewProblem(http.StatusServiceUnavailable, "not_caught_up", "The read model has not reached this position yet; ask again.").RetryAfter(time.Second)
	}
	if err != nil {
		return answerable(err)
	}
	return nil
}

// answerable says what a caller can do about an error of the model.
func answerable(err error) error {
	switch {
	case errors.Is(err, readmodel.ErrRebuilding):
		return httpapi.NewProblem(http.StatusServiceUnavailable, "rebuilding", err.Error()).RetryAfter(time.Second)
	case errors.Is(err, readmodel.ErrStale):
		return httpapi.NewProblem(http.StatusServiceUnavailable, "stale", "The read model is too far behind to be sure of anybody's rights.").RetryAfter(5 * time.Second)
	}
	return err
}

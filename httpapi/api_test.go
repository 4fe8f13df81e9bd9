package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/httpapi"
)

var (
	person = uuid.MustParse("0198c0de-0000-7000-8000-000000000001")
	thing  = "/v1/things/0198c0de-0000-7000-8000-0000000000aa"
)

type changeThing struct {
	httpapi.Idempotent
	Thing uuid.UUID `path:"thing"`
	Body  struct {
		Text  string      `json:"text" minLength:"1" maxLength:"1000"`
		Count int         `json:"count,omitempty" minimum:"0" maximum:"9"`
		Kind  string      `json:"kind,omitempty" enum:"job,notice"`
		Tags  []string    `json:"tags,omitempty" minItems:"1" maxItems:"2" uniqueItems:"true"`
		When  *time.Time  `json:"when,omitempty"`
		Link  string      `json:"link,omitempty" format:"uri"`
		Files []uuid.UUID `json:"files,omitempty"`
		Place *place      `json:"place,omitempty"`
		Free  any         `json:"free,omitempty"`
	}
}

type place struct {
	Street string `json:"street" maxLength:"5"`
	Number int    `json:"number,omitempty"`
}

type changed struct {
	Body struct {
		By   uuid.UUID `json:"by"`
		Key  string    `json:"key"`
		Text string    `json:"text"`
	}
}

type listThings struct {
	httpapi.Page
	Query string `query:"q" maxLength:"20"`
	Open  bool   `query:"open"`
}

type things struct {
	Body struct {
		Limit int    `json:"limit"`
		Query string `json:"q"`
	}
}

type raw struct {
	RawBody []byte `contentType:"image/png"`
}

func (r *raw) Resolve(huma.Context) []error {
	if string(r.RawBody) == "refused" {
		return []error{domain.Bad("file", "not_this", "not this file")}
	}
	return nil
}

type failure struct {
	How string `path:"how"`
}

// newAPI has one operation of each kind that the tests need.
func newAPI(tokens *httpapi.Verifier, log io.Writer) *httpapi.API {
	api := httpapi.New(httpapi.Options{
		Version: "1.2.3", Tokens: tokens, Log: slog.New(slog.NewJSONHandler(log, nil)),
	})
	httpapi.Register(api, huma.Operation{
		OperationID: "ChangeThing", Method: "POST", Path: "/v1/things/{thing}", Errors: []int{409},
	}, func(ctx context.Context, in *changeThing) (*changed, error) {
		out := &changed{}
		out.Body.By, out.Body.Key, out.Body.Text = httpapi.CallerOf(ctx).Person, in.Key, in.Body.Text
		return out, nil
	})
	httpapi.Register(api, huma.Operation{
		OperationID: "ListThings", Method: "GET", Path: "/v1/things",
	}, func(_ context.Context, in *listThings) (*things, error) {
		if in.Cursor != "" {
			if _, err := httpapi.DecodeCursor[int]("ListThings", in.Cursor); err != nil {
				return nil, err
			}
		}
		out := &things{}
		out.Body.Limit, out.Body.Query = in.Limit, in.Query
		return out, nil
	})
	httpapi.Register(api, huma.Operation{
		OperationID: "Fail", Method: "GET", Path: "/v1/failures/{how}",
	}, func(ctx context.Context, in *failure) (*struct{}, error) { return nil, fail(ctx, in.How) })
	httpapi.Register(api, huma.Operation{
		OperationID: "Upload", Method: "PUT", Path: "/v1/raw", MaxBodyBytes: 10,
	}, func(context.Context, *raw) (*things, error) { return &things{}, nil })
	httpapi.Register(api, huma.Operation{
		OperationID: "Hello", Method: "GET", Path: "/v1/hello", Security: httpapi.Public,
	}, func(context.Context, *struct{}) (*things, error) { return &things{}, nil })
	return api
}

var deciding = domain.Deciding{
	Stream: "post-1", Revision: 7, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), By: person,
}

func fail(ctx context.Context, how string) error {
	switch how {
	case "invalid":
		return fmt.Errorf("wrapped: %w", domain.Bad("text", "empty_text", "a message needs a text"))
	case "forbidden":
		return domain.Refuse(domain.Forbidden, "not_yours", "only its author deletes a comment")
	case "notfound":
		return domain.Refuse(domain.NotFound, "no_such_post", "there is no such post")
	case "conflict":
		return &domain.Refusal{Reason: domain.Conflict, Code: "already_seen", Message: "seen", Decided: &deciding}
	case "reasonless":
		return &domain.Refusal{Code: "secret_code", Message: "secret"}
	case "behind":
		return httpapi.NewProblem(503, "not_caught_up", "not there yet").RetryAfter(1400 * time.Millisecond)
	case "deadline":
		ctx, cancel := context.WithTimeout(ctx, 0)
		defer cancel()
		<-ctx.Done()
		return fmt.Errorf("wait: %w", ctx.Err())
	case "panic":
		panic("secret")
	}
	return errors.New("secret")
}

type client struct {
	t       testing.TB
	url     string
	token   string
	handler http.Handler
}

// serve starts a real server and a client with a valid token.
func serve(t testing.TB) (*client, *bytes.Buffer) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.pem")
	key, err := httpapi.OpenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := httpapi.NewVerifier(t.Context(), httpapi.Trust{KeyFile: path})
	if err != nil {
		t.Fatal(err)
	}
	token, err := key.Mint(httpapi.Caller{Person: person}, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{} // read only after the answer that it is about
	handler := newAPI(tokens, log).Handler()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &client{t, server.URL, token, handler}, log
}

type answer struct {
	*http.Response
	text string
	httpapi.Problem
}

// do sends a request; headers are "Name: value".
func (c *client) do(method, path, body string, headers ...string) answer {
	c.t.Helper()
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answer{Response: response, text: string(text)}
	if response.Header.Get("Content-Type") == "application/problem+json" {
		if err := json.Unmarshal(text, &a.Problem); err != nil {
			c.t.Fatalf("%s: %v", text, err)
		}
		if a.Problem.Status != response.StatusCode || a.Problem.Type != "about:blank" || a.Problem.Title == "" || a.Problem.Code == "" {
			c.t.Errorf("status %d with problem %s", response.StatusCode, text)
		}
	}
	return a
}

package commands

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/httpapi"
)

// api is the real handler with real tokens.
type api struct {
	*house
	handler http.Handler
	key     httpapi.Key
	tokens  map[httpapi.Caller]string
}

func newAPI(h *house, s *Service) *api {
	h.Helper()
	path := filepath.Join(h.TempDir(), "key.pem")
	key, err := httpapi.OpenKey(path)
	if err != nil {
		h.Fatal(err)
	}
	verifier, err := httpapi.NewVerifier(h.Context(), httpapi.Trust{KeyFile: path, Log: quiet})
	if err != nil {
		h.Fatal(err)
	}
	routes := httpapi.New(httpapi.Options{Version: "test", Tokens: verifier, Log: quiet})
	s.Register(routes)
	return &api{house: h, handler: routes.Handler(), key: key, tokens: map[httpapi.Caller]string{}}
}

func (a *api) token(caller httpapi.Caller) string {
	a.Helper()
	if token, ok := a.tokens[caller]; ok {
		return token
	}
	token, err := a.key.Mint(caller, time.Now(), time.Hour)
	if err != nil {
		a.Fatal(err)
	}
	a.tokens[caller] = token
	return token
}

// answer is what a request came to, refused or not.
type answer struct {
	status int
	header http.Header
	text   string
	Answer
	httpapi.Problem
}

// do sends one request. who is a person, or "platform" for the host product.
func (a *api) do(caller httpapi.Caller, method, path, body string, headers ...string) answer {
	a.Helper()
	r := httptest.NewRequestWithContext(a.Context(), method, path, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+a.token(caller))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	got := answer{status: w.Code, header: w.Header(), text: w.Body.String()}
	var err error
	if w.Code < 300 {
		err = json.Unmarshal(w.Body.Bytes(), &got.Answer)
	} else {
		err = json.Unmarshal(w.Body.Bytes(), &got.Problem)
	}
	if err != nil {
		a.Fatalf("%s %s: %d %s: %v", method, path, w.Code, got.text, err)
	}
	return got
}

func as(person uuid.UUID) httpapi.Caller { return httpapi.Caller{Person: person} }

var host = httpapi.Caller{Person: platform, Platform: true}

// sent puts a message into Lena's and Tom's channel and answers with its id.
func (a *api) sent(from uuid.UUID) uuid.UUID {
	a.Helper()
	got := a.do(as(from), "POST", "/v1/channels/"+channel+"/messages", `{"text":"hello"}`)
	if got.status != http.StatusCreated || got.ID == nil {
		a.Fatal(got.text)
	}
	return *got.ID
}

package stories

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/blobs"
	"lobby.example/commands"
	"lobby.example/domain/catalogue"
	"lobby.example/eventlog/sqlitelog"
	"lobby.example/httpapi"
	"lobby.example/projections"
	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

// lobby is all that cmd/lobby wires, but for the network and the clock.
type lobby struct {
	t        *testing.T
	log      *sqlitelog.Log
	model    *projections.Runner
	commands *commands.Service
	programs *programs
	handler  http.Handler
	key      httpapi.Key
	clock    atomic.Int64 // Unix seconds
}

func openLobby(t *testing.T) *lobby {
	l := &lobby{t: t}
	l.set(time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC))
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	closed := func(close func() error) { t.Cleanup(func() { must(close()) }) }
	var err error
	l.log, err = sqlitelog.Open(filepath.Join(dir, "log.sqlite"), sqlitelog.Options{Categories: catalogue.Categories()})
	must(err)
	closed(l.log.Close)
	engine := engines.Open(t, filepath.Join(dir, "models"))
	answers := readapi.NewAnswers()
	l.model, err = projections.Start(t.Context(), l.log, engine, projections.Options{
		OnCommit: func(c projections.Commit) { answers.Committed(c.Touched, c.All) },
	})
	must(err)
	closed(l.model.Close)
	<-l.model.Serving()

	keyFile := filepath.Join(dir, "key.pem")
	l.key, err = httpapi.OpenKey(keyFile)
	must(err)
	tokens, err := httpapi.NewVerifier(t.Context(), httpapi.Trust{KeyFile: keyFile})
	must(err)
	api := httpapi.New(httpapi.Options{Version: "1", Tokens: tokens})
	place, err := blobs.FileURL(filepath.Join(dir, "files"))
	must(err)
	files, err := blobs.Open(t.Context(), place)
	must(err)
	closed(files.Close)
	l.programs = &programs{server: httptest.NewServer(http.NotFoundHandler()), secrets: map[uuid.UUID]string{}}
	t.Cleanup(l.programs.server.Close)
	l.commands = commands.New(l.log, commands.Options{Now: l.now, Files: files, Webhooks: l.programs, Unsubscribe: whoseLink})
	l.commands.Register(api)
	readapi.New(l.model, answers, readapi.Options{Now: l.now, Files: files, Head: l.log.Head}).Register(api)
	l.handler = api.Handler()
	return l
}

func (l *lobby) now() time.Time       { return time.Unix(l.clock.Load(), 0).UTC() }
func (l *lobby) set(now time.Time)    { l.clock.Store(now.Unix()) }
func (l *lobby) pass(d time.Duration) { l.clock.Add(int64(d / time.Second)) }

// token is a real one, for the real clock that tokens expire by.
func (l *lobby) token(person uuid.UUID, platform bool) string {
	token, err := l.key.Mint(httpapi.Caller{Person: person, Platform: platform}, time.Now(), time.Hour)
	if err != nil {
		l.t.Fatal(err)
	}
	return token
}

// answer is what came of a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) ok() bool { return a.status/100 == 2 }

func (a answer) decode(into any) error { return json.Unmarshal(a.body, into) }

// request calls the handler, as somebody without a token where it is empty.
func (l *lobby) request(token, key, method, path, body string) answer {
	r := httptest.NewRequest(method, "/v1"+path, strings.NewReader(body)).WithContext(context.Background())
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, r)
	return answer{status: w.Code, header: w.Header(), body: w.Body.Bytes()}
}

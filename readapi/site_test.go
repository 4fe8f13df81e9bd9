package readapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/commands"
	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/connection"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
	"lobby.example/httpapi"
	"lobby.example/projections"
	"lobby.example/readapi"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// A check of a property asks thousands of times: twenty are enough for every run,
// fewer where the race detector makes each ten times as slow, and -rapid.checks
// asks for more.
func init() {
	checks := "20"
	if build, ok := debug.ReadBuildInfo(); ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		checks = "4"
	}
	flag.Set("rapid.checks", checks)
}

// site is the whole of it behind its HTTP handler: the log, the commands, the read
// model and the queries. Fresh answers the same queries and keeps nothing in memory.
type site struct {
	t              testing.TB
	log            *sqlitelog.Log
	engine         readmodel.Engine
	runner         *projections.Runner
	handler, fresh http.Handler
	key            httpapi.Key
	tokens         sync.Map // by person
	forget         func()   // everything that fresh could know
	expire         func(lease readapi.LeaseOver, now time.Time) error

	seconds atomic.Int64 // the clock of commands
	today   atomic.Pointer[time.Time]
	newest  atomic.Pointer[eventlog.Position] // that a command answered with
}

// options of a site; the zero value is what the program has.
type options struct {
	log     func(eventlog.Log) eventlog.Log // as the model follows it
	engine  func(readmodel.Engine) readmodel.Engine
	maxWait time.Duration
	model   func(readapi.Model) readapi.Model
}

func newSite(t testing.TB, dir string, o options) *site {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := &site{t: t}
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s.today.Store(&start)
	quiet := slog.New(slog.DiscardHandler)
	var err error
	s.log, err = sqlitelog.Open(filepath.Join(dir, "log.sqlite"), sqlitelog.Options{Categories: catalogue.Categories()})
	must(err)
	t.Cleanup(func() { s.log.Close() })
	s.engine = engines.Open(t, filepath.Join(dir, "models"))
	var followed eventlog.Log = s.log
	if o.log != nil {
		followed = o.log(followed)
	}
	engine := s.engine
	if o.engine != nil {
		engine = o.engine(engine)
	}
	kept, none := readapi.NewAnswers(), readapi.NewAnswers()
	s.forget = func() { none.Committed(nil, true) }
	s.runner, err = projections.Start(t.Context(), followed, engine, projections.Options{
		OnCommit: func(c projections.Commit) { kept.Committed(c.Touched, c.All) },
		Logger:   quiet,
	})
	must(err)
	t.Cleanup(func() { s.runner.Close() })

	keyFile := filepath.Join(dir, "key.pem")
	s.key, err = httpapi.OpenKey(keyFile)
	must(err)
	tokens, err := httpapi.NewVerifier(t.Context(), httpapi.Trust{KeyFile: keyFile, Log: quiet})
	must(err)
	var model readapi.Model = s.runner
	if o.model != nil {
		model = o.model(model)
	}
	reading := readapi.Options{MaxWait: o.maxWait, Now: func() time.Time { return *s.today.Load() }}
	api := httpapi.New(httpapi.Options{Tokens: tokens, Log: quiet})
	service := commands.New(s.log, commands.Options{Logger: quiet, Now: func() time.Time {
		return start.Add(time.Duration(s.seconds.Add(1)) * time.Second)
	}})
	service.Register(api)
	s.expire = func(lease readapi.LeaseOver, now time.Time) error {
		_, id, err := domain.ParseStream("channel", lease.Channel)
		if err != nil {
			return err
		}
		return service.ExpireLease(t.Context(), id, uuid.MustParse(lease.Lease), now)
	}
	readapi.New(model, kept, reading).Register(api)
	s.handler = api.Handler()
	api = httpapi.New(httpapi.Options{Tokens: tokens, Log: quiet})
	readapi.New(s.runner, none, reading).Register(api)
	s.fresh = api.Handler()
	return s
}

// serving waits for the first build.
func (s *site) serving() *site {
	<-s.runner.Serving()
	return s
}

func site0(t testing.TB) *site {
	t.Helper()
	return newSite(t, t.TempDir(), options{}).serving()
}

func (s *site) token(person uuid.UUID, platform bool) string {
	key := fmt.Sprint(person, platform)
	if token, ok := s.tokens.Load(key); ok {
		return token.(string)
	}
	token, err := s.key.Mint(httpapi.Caller{Person: person, Platform: platform}, time.Now(), time.Hour)
	if err != nil {
		s.t.Error(err)
	}
	s.tokens.Store(key, token)
	return token
}

func (s *site) ask(handler http.Handler, token, method, path string, body any, header ...string) answer {
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// get reads as a person, through memory.
func (s *site) get(name, path string, header ...string) answer {
	return s.ask(s.handler, s.token(scenario.ID(name), false), "GET", path, nil, header...)
}

// getFresh reads as a person, from the model.
func (s *site) getFresh(name, path string) answer {
	s.forget()
	return s.ask(s.fresh, s.token(scenario.ID(name), false), "GET", path, nil)
}

// command sends one as a person. Anything but a refusal or success is a mistake.
func (s *site) command(name, method, path string, body any) answer {
	s.t.Helper()
	return s.commanded(s.token(scenario.ID(name), false), method, path, body)
}

func (s *site) commanded(token, method, path string, body any) answer {
	s.t.Helper()
	a := s.ask(s.handler, token, method, path, body)
	if a.Status >= 500 {
		s.t.Errorf("%s %s: %s", method, path, a)
	}
	if a.Status < 300 {
		s.note(a.position())
	}
	return a
}

// note remembers the newest position: a command that had nothing to do answers
// with the last one of its stream.
func (s *site) note(position string) {
	p, err := eventlog.ParsePosition(position)
	if err != nil {
		s.t.Errorf("a command answers with position %q", position)
	}
	for {
		known := s.newest.Load()
		if known != nil && known.Compare(p) >= 0 || s.newest.CompareAndSwap(known, &p) {
			return
		}
	}
}

// done is command for one that must succeed; it answers with the new id, if any.
func (s *site) done(name, method, path string, body any) uuid.UUID {
	s.t.Helper()
	return s.made(s.command(name, method, path, body))
}

func (s *site) made(a answer) uuid.UUID {
	s.t.Helper()
	var made commands.Answer
	if err := json.Unmarshal(a.Body, &made); err != nil || a.Status >= 300 {
		s.t.Fatalf("command: %s", a)
	}
	if made.ID == nil {
		return uuid.Nil
	}
	return *made.ID
}

// after is the query that sees all commands so far.
func (s *site) after() string {
	if p := s.newest.Load(); p != nil {
		return "after=" + p.String()
	}
	return "after=0"
}

var roles = map[string]string{"Anna": "landlord", "Ben": "tenant", "Cleo": "tenant", "Dora": "service_pro", "Emil": "landlord"}

func (s *site) register(id, name string) {
	s.t.Helper()
	role, ok := roles[id]
	if !ok {
		role = "tenant"
	}
	s.made(s.commanded(s.token(scenario.ID("platform"), true), "POST", "/v1/persons",
		map[string]any{"person": scenario.ID(id), "role": role, "name": name, "email": scenario.ID(id).String() + "@example.org"}))
}

func channelOf(a, b string) string {
	return connection.Stream(connection.Between(scenario.ID(a), scenario.ID(b)))
}

func (s *site) connect(a, b string) string {
	s.t.Helper()
	s.done(a, "POST", "/v1/connections", map[string]any{"person": scenario.ID(b)})
	s.done(b, "POST", "/v1/connections/"+channelOf(a, b)+"/accept", nil)
	return channelOf(a, b)
}

func (s *site) send(from, to, text string) uuid.UUID {
	s.t.Helper()
	return s.done(from, "POST", "/v1/channels/"+channelOf(from, to)+"/messages", map[string]any{"text": text})
}

func idOf(name string) uuid.UUID { return scenario.ID(name) }

// at turns the clock of queries to noon of a day.
func (s *site) at(day string) {
	s.t.Helper()
	noon, err := time.Parse("2006-01-02 15", day+" 12")
	if err != nil {
		s.t.Fatal(err)
	}
	s.today.Store(&noon)
}

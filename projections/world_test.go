package projections_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// A check of a property opens a dozen files and waits for the disk a hundred
// times: a few are enough for every run, and -rapid.checks asks for more.
func init() { flag.Set("rapid.checks", "7") }

// world is a real log that real decisions are appended to, with ids and times
// that are the same in every run.
type world struct {
	t    testing.TB
	log  eventlog.Log
	ids  int
	then time.Time
	last eventlog.Position
	no   *domain.Refusal // of the last command; nil where there was none
}

func newWorld(t testing.TB, log eventlog.Log) *world {
	return &world{t: t, log: log, then: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
}

func openLog(t testing.TB, path string) *sqlitelog.Log {
	t.Helper()
	l, err := sqlitelog.Open(path, sqlitelog.Options{Categories: catalogue.Categories()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func openEngine(t testing.TB, dir string) readmodel.Engine {
	t.Helper()
	return engines.Open(t, dir)
}

// alone hides that others may share an engine: whoever waits for word from a
// database is never at rest, which virtual time waits for.
type alone struct{ readmodel.Engine }

func start(t testing.TB, l eventlog.Log, e readmodel.Engine, options projections.Options) *projections.Runner {
	t.Helper()
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	r, err := projections.Start(t.Context(), l, e, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// served starts a runner and waits until a build serves.
func served(t testing.TB, l eventlog.Log, e readmodel.Engine, options projections.Options) *projections.Runner {
	t.Helper()
	r := start(t, l, e, options)
	select {
	case <-r.Serving():
	case <-t.Context().Done():
		t.Fatal(r.Status().Failed)
	}
	return r
}

func (w *world) id() uuid.UUID {
	w.ids++
	return scenario.ID(fmt.Sprint("id ", w.ids))
}

// raw appends one event to the end of a stream, whatever it is.
func (w *world) raw(stream, kind string, data []byte) eventlog.Position {
	w.t.Helper()
	revision := eventlog.NoStream
	for r, err := range w.log.ReadStream(context.Background(), stream, eventlog.End, eventlog.Backward, 1) {
		if err != nil {
			w.t.Fatal(err)
		}
		revision = r.Revision
	}
	return w.append(stream, revision, eventlog.Event{Kind: kind, Data: data})
}

func (w *world) append(stream string, expected eventlog.Revision, events ...eventlog.Event) eventlog.Position {
	w.t.Helper()
	w.then = w.then.Add(time.Minute)
	metadata, err := json.Marshal(domain.Metadata{OccurredAt: domain.MomentOf(w.then), Schema: domain.MetadataSchema})
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range events {
		events[i].ID, events[i].Metadata = w.id(), metadata
	}
	appended, err := w.log.Append(context.Background(), stream, expected, events)
	if err != nil {
		w.t.Fatal(err)
	}
	w.last = appended.Positions[len(events)-1]
	return w.last
}

// eventOf is what would be stored of an event, whatever led to it.
func eventOf(t testing.TB, e interface{ Kind() string }) eventlog.Event {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return eventlog.Event{Kind: e.Kind(), Data: data}
}

// load folds a stream, and tells what is in it.
func load[S any](w *world, noun domain.Noun[S], stream string) (state S, past []domain.Past[S]) {
	w.t.Helper()
	for r, err := range w.log.ReadStream(context.Background(), stream, 0, eventlog.Forward, 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		e, err := noun.Facts.Decode(r.Kind, r.Data)
		if err != nil {
			w.t.Fatal(err)
		}
		state = e.Evolve(state)
		past = append(past, domain.Past[S]{Event: e, Revision: int64(r.Revision)})
	}
	return state, past
}

// do lets the domain decide and appends what it decided. A refusal is an answer too.
func do[S any](w *world, noun domain.Noun[S], command domain.Command[S]) *domain.Refusal {
	w.t.Helper()
	state, past := load(w, noun, command.Stream())
	decided, err := decide(state, past, command)
	if w.no = nil; errors.As(err, &w.no) {
		return w.no
	}
	if err != nil {
		w.t.Fatal(err)
	}
	var events []eventlog.Event
	for _, e := range decided {
		data, err := noun.Facts.Encode(e)
		if err != nil {
			w.t.Fatal(err)
		}
		events = append(events, eventlog.Event{Kind: e.Kind(), Data: data})
	}
	if len(events) > 0 {
		w.append(command.Stream(), eventlog.Revision(len(past)-1), events...)
	}
	return nil
}

// must is do where a refusal would be a mistake of the test.
func must[S any](w *world, noun domain.Noun[S], command domain.Command[S]) {
	w.t.Helper()
	if refusal := do(w, noun, command); refusal != nil {
		w.t.Fatalf("%+v: %s", command, refusal)
	}
}

func decide[S any](state S, past []domain.Past[S], command domain.Command[S]) ([]domain.Event[S], error) {
	recalling, ok := command.(domain.Recalling[S])
	if !ok || !recalling.Forgotten(state) {
		return command.Decide(state)
	}
	return recalling.Recall(state, func(yield func(domain.Past[S]) bool) {
		for i := len(past) - 1; i >= 0 && yield(past[i]); i-- {
		}
	})
}

// unread counts the rows that wait for a person.
func unread(t testing.TB, r *projections.Runner, name string) int {
	t.Helper()
	return count(t, r, `select count(*) from unread where person = $1`, scenario.ID(name))
}

// count is the one number that a query answers with.
func count(t testing.TB, r *projections.Runner, sql string, args ...any) (n int) {
	t.Helper()
	if _, err := r.View(t.Context(), func(q readmodel.Query) error {
		_, err := q.Row(t.Context(), sql, []any{&n}, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func wait(t testing.TB, r *projections.Runner, position eventlog.Position) {
	t.Helper()
	if err := r.Wait(t.Context(), position); err != nil {
		t.Fatal(err)
	}
}

// dump is all rows of the build that serves, while nobody has it open.
func dump(t testing.TB, e readmodel.Engine) string {
	t.Helper()
	build, err := e.Serving(t.Context(), projections.Messenger.Name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(t.Context(), projections.Messenger, build)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var b bytes.Buffer
	if _, err := readmodel.Dump(t.Context(), s, projections.Messenger, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// replayed is all rows of a model that is built from the whole log now.
func replayed(t testing.TB, l eventlog.Log) string {
	t.Helper()
	e := alone{openEngine(t, filepath.Join(t.TempDir(), "replay"))}
	r := served(t, l, e, projections.Options{})
	head, err := l.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wait(t, r, head)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return dump(t, e)
}

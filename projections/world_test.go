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
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/sqlitemodel"
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

func openEngine(t testing.TB, dir string) *sqlitemodel.Engine {
	t.Helper()
	e, err := sqlitemodel.Open(dir, sqlitemodel.Options{Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

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

// do lets the domain decide and appends what it decided. A refusal is an answer too.
func do[S any](w *world, noun domain.Noun[S], command domain.Command[S]) *domain.Refusal {
	w.t.Helper()
	var state S
	var past []domain.Past[S]
	for r, err := range w.log.ReadStream(context.Background(), command.Stream(), 0, eventlog.Forward, 0) {
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
	decided, err := decide(state, past, command)
	if refusal := (*domain.Refusal)(nil); errors.As(err, &refusal) {
		return refusal
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

var roles = map[string]person.Role{"Anna": person.Landlord, "Ben": person.Tenant, "Cleo": person.Tenant, "Dora": person.ServicePro}

func (w *world) register(names ...string) {
	w.t.Helper()
	for _, name := range names {
		do(w, person.Noun, person.Register{Person: scenario.ID(name), Role: roles[name], Profile: person.Profile{Name: name + " Çelik", Email: name + "@example.org"}})
	}
}

func party(name string) connection.Party {
	return connection.Party{Person: scenario.ID(name), Role: string(roles[name])}
}

func between(a, b string) uuid.UUID { return connection.Between(scenario.ID(a), scenario.ID(b)) }

func channelOf(a, b string) string { return connection.Stream(between(a, b)) }

func (w *world) connect(a, b string) {
	w.t.Helper()
	do(w, connection.Noun, connection.Invite{From: party(a), To: party(b)})
	do(w, connection.Noun, connection.AcceptInvitation{Connection: between(a, b), By: scenario.ID(b)})
}

// send writes a message and answers with its id.
func (w *world) send(from, to, text string) uuid.UUID {
	w.t.Helper()
	message := w.id()
	do(w, connection.Noun, connection.SendMessage{Connection: between(from, to), Message: message, From: scenario.ID(from), Text: text})
	return message
}

// say writes a message without looking at what is in the stream.
func (w *world) say(from, to, text string) {
	w.t.Helper()
	e := connection.MessageSent{Message: w.id(), From: scenario.ID(from), To: scenario.ID(to), Text: text}
	data, err := connection.Facts.Encode(e)
	if err != nil {
		w.t.Fatal(err)
	}
	w.raw(channelOf(from, to), e.Kind(), data)
}

func (w *world) see(who, other string, messages ...uuid.UUID) {
	w.t.Helper()
	do(w, connection.Noun, connection.MarkSeen{Connection: between(who, other), By: scenario.ID(who), Entries: messages})
}

func (w *world) mute(who, other string, on bool) {
	w.t.Helper()
	do(w, reader.Noun, reader.MuteChannel{Person: scenario.ID(who), Channel: channelOf(who, other), Muted: on})
}

// unread counts the rows that wait for a person.
func unread(t testing.TB, r *projections.Runner, name string) int {
	t.Helper()
	var n int
	if _, err := r.View(t.Context(), func(q readmodel.Query) error {
		_, err := q.Row(t.Context(), `select count(*) from unread where person = $1`, []any{&n}, scenario.ID(name))
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
	e := openEngine(t, filepath.Join(t.TempDir(), "replay"))
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

package esdbserver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/esdbserver/esdbtest"
	"lobby.example/eventlog/sqlitelog"
)

// bound is how long anything in these tests may take before it counts as hung.
const bound = 30 * time.Second

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	t.Cleanup(cancel)
	return ctx
}

func connect(t testing.TB, url string, change ...func(*esdb.Configuration)) *esdb.Client {
	t.Helper()
	configuration, err := esdb.ParseConnectionString(url)
	if err != nil {
		t.Fatal(err)
	}
	configuration.Logger = esdb.NoopLogging()
	for _, f := range change {
		f(configuration)
	}
	client, err := esdb.NewClient(configuration)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// some makes events of a kind whose data tell them apart.
func some(kind string, n int) []eventlog.Event {
	events := make([]eventlog.Event, n)
	for i := range events {
		events[i] = eventlog.Event{
			ID: uuid.New(), Kind: kind,
			Data: fmt.Appendf(nil, `{"n":%d,"text":"grüße"}`, i), Metadata: fmt.Appendf(nil, `{"actor":"person-%d"}`, i),
		}
	}
	return events
}

// serve is a server with the options over an empty log.
func serve(t testing.TB, options esdbserver.Options) *esdbtest.Server {
	t.Helper()
	log, err := sqlitelog.Open(filepath.Join(t.TempDir(), "events.db"), sqlitelog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return esdbtest.Serve(t, log, options)
}

// readOnly is a server as the program has it.
func readOnly(t testing.TB) *esdbtest.Server {
	t.Helper()
	return serve(t, esdbserver.Options{MayRead: esdbserver.Anyone})
}

// write puts events at the end of a stream, past the protocol.
func write(t testing.TB, log eventlog.Log, stream string, events ...eventlog.Event) {
	t.Helper()
	at := eventlog.NoStream
	for e, err := range log.ReadStream(within(t), stream, eventlog.End, eventlog.Backward, 1) {
		if err != nil {
			t.Fatal(err)
		}
		at = e.Revision
	}
	if _, err := log.Append(within(t), stream, at, events); err != nil {
		t.Fatal(err)
	}
}

// logged is everything in the log, in order.
func logged(t testing.TB, log eventlog.Log) (events []eventlog.Recorded) {
	t.Helper()
	for e, err := range log.ReadAll(within(t), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func of(stream string, events []eventlog.Recorded) []eventlog.Recorded {
	return slices.DeleteFunc(slices.Clone(events), func(e eventlog.Recorded) bool { return e.Stream != stream })
}

func backward(events []eventlog.Recorded) []eventlog.Recorded {
	events = slices.Clone(events)
	slices.Reverse(events)
	return events
}

// drain reads a stream of the client to its end.
func drain(t testing.TB, stream *esdb.ReadStream, err error) (events []*esdb.ResolvedEvent) {
	t.Helper()
	for err == nil {
		var e *esdb.ResolvedEvent
		if e, err = stream.Recv(); err == nil {
			events = append(events, e)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return events
}

// same compares what a client got with what is in the log, field by field.
func same(t testing.TB, got []*esdb.ResolvedEvent, want []eventlog.Recorded) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("the client got %d events, not %d", len(got), len(want))
	}
	for i, g := range got {
		sameEvent(t, g, want[i])
	}
}

func sameEvent(t testing.TB, got *esdb.ResolvedEvent, w eventlog.Recorded) {
	t.Helper()
	if got.Link != nil || got.Event == nil || got.Commit == nil || *got.Commit != w.Position.Commit() {
		t.Fatalf("%+v is no event at %v", got, w.Position)
	}
	g := got.Event
	if g.EventID != w.ID || g.EventType != w.Kind || g.ContentType != "application/json" || g.StreamID != w.Stream ||
		g.EventNumber != uint64(w.Revision) || g.Position.Commit != w.Position.Commit() || g.Position.Prepare != w.Position.Prepare() ||
		string(g.Data) != string(w.Data) || string(g.UserMetadata) != string(w.Metadata) || !g.CreatedDate.Equal(w.Time) {
		t.Fatalf("the client got %+v, the log has %+v", g, w)
	}
}

// position is the protocol's position of an event.
func position(e eventlog.Recorded) esdb.Position {
	return esdb.Position{Commit: e.Position.Commit(), Prepare: e.Position.Prepare()}
}

// hasCode reports whether the error is the client's with the code.
func hasCode(err error, code esdb.ErrorCode) bool {
	var e *esdb.Error
	return errors.As(err, &e) && e.Code() == code
}

const all = math.MaxUint64

// sample is a server over a log with 60 events in three streams.
func sample(t testing.TB) (*esdbtest.Server, []eventlog.Recorded) {
	t.Helper()
	s := esdbtest.Start(t)
	for range 10 {
		write(t, s.Log, "post-1", some("post_published", 3)...)
		write(t, s.Log, "person-1", some("person_registered", 2)...)
		write(t, s.Log, "person-2", some("person_left", 1)...)
	}
	return s, logged(t, s.Log)
}

// Package eventlogtest holds the promises of eventlog.Log as tests, one for each
// promise and named after it. Every engine passes them all.
//
// The tests use nothing but the Log interface and never wait for time to pass:
// they wait for positions, and for what the log itself answers.
package eventlogtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// Log is what an engine opens.
type Log interface {
	eventlog.Log
	io.Closer
}

// Open opens the log at a place, which is the path of an existing directory: an
// engine on files keeps them there, another one derives a name from it. A new
// place is an empty log; the same place again, after Close, is the same log.
// ReadAll, Follow and Head see the categories, or everything if none is given.
type Open func(place string, categories ...string) (Log, error)

// Exercise proves the promises on logs that open makes.
func Exercise(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"the expected revision is exact", expectedRevisionIsExact},
		{"E09 a retry answers as the first time and writes nothing", retryAnswersAsTheFirstTime},
		{"a partial overlap with other events is a conflict", partialOverlapIsAConflict},
		{"an append is all or nothing", appendIsAllOrNothing},
		{"limits are refused by name", limitsAreRefused},
		{"events come back as they were", eventsComeBackAsTheyWere},
		{"of many appends at one revision exactly one wins", oneOfManyWins},
		{"P28 concurrent identical appends are one", identicalAppendsAreOne},
		{"after a cancelled append the same append tells", cancelledAppendTells},
		{"an acknowledged event is seen at once everywhere", acknowledgedIsSeen},
		{"streams are read in both directions from anywhere", readStream},
		{"everything is read in both directions from anywhere", readAll},
		{"a stream that does not exist yields nothing", missingStream},
		{"a sequence ends with one error, the context's", oneErrorAtTheEnd},
		{"nothing is held while the receiver looks", nothingIsHeld},
		{"what was received belongs to the receiver", receivedBelongsToReceiver},
		{"follow catches up and goes on live", followCatchesUpAndGoesOn},
		{"E01 followers see one order without a gap under concurrent writers", followersSeeOneOrder},
		{"follow resumes from any Through", followResumes},
		{"E08 a foreign position is refused", foreignIsRefused},
		{"E08 a position beyond the head is refused", beyondHeadIsRefused},
		{"categories bound what is followed, and Through moves on", categoriesBound},
		{"a closed log says so, also to followers", closedSaysSo},
		{"a log that is closed under load has what it acknowledged", closedUnderLoad},
		{"a log that is opened again is the same", openedAgain},
		{"any sequence of appends and reads agrees with a model", agreesWithModel},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// patience bounds every wait, so that a promise that is not kept fails the test.
const patience = 30 * time.Second

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func fresh(t *testing.T, open Open, categories ...string) Log {
	t.Helper()
	return reopen(t, open, t.TempDir(), categories...)
}

func reopen(t *testing.T, open Open, place string, categories ...string) Log {
	t.Helper()
	l, err := open(place, categories...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// some makes n events that differ in everything.
func some(n int) []eventlog.Event {
	events := make([]eventlog.Event, n)
	for i := range events {
		id := uuid.New()
		events[i] = eventlog.Event{
			ID:       id,
			Kind:     fmt.Sprintf("kind_%d", i%7),
			Data:     fmt.Appendf(nil, `{"n":%d,"id":%q}`, i, id),
			Metadata: fmt.Appendf(nil, `{"m":%d}`, i),
		}
	}
	return events
}

func write(t *testing.T, l eventlog.Log, stream string, expected eventlog.Revision, events ...eventlog.Event) eventlog.Appended {
	t.Helper()
	a, err := l.Append(deadline(t), stream, expected, events)
	if err != nil {
		t.Fatalf("append %d events to %s at %d: %v", len(events), stream, expected, err)
	}
	if want := expected + eventlog.Revision(len(events)); a.Revision != want || len(a.Positions) != len(events) {
		t.Fatalf("append %d events to %s at %d: answered revision %d and %d positions", len(events), stream, expected, a.Revision, len(a.Positions))
	}
	return a
}

func all[T any](t *testing.T, seq iter.Seq2[T, error]) (got []T) {
	t.Helper()
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	return got
}

func stream(t *testing.T, l eventlog.Log, name string) []eventlog.Recorded {
	t.Helper()
	return all(t, l.ReadStream(deadline(t), name, 0, eventlog.Forward, 0))
}

func everything(t *testing.T, l eventlog.Log) []eventlog.Recorded {
	t.Helper()
	return all(t, l.ReadAll(deadline(t), eventlog.Position{}, eventlog.Forward, 0))
}

func head(t *testing.T, l eventlog.Log) eventlog.Position {
	t.Helper()
	p, err := l.Head(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// recorded is what reads must show for events that were appended.
func recorded(stream string, a eventlog.Appended, events []eventlog.Event) []eventlog.Recorded {
	records := make([]eventlog.Recorded, len(events))
	for i, e := range events {
		records[i] = eventlog.Recorded{Event: e, Stream: stream, Revision: a.Revision - eventlog.Revision(len(events)-1-i), Position: a.Positions[i]}
	}
	return records
}

// same fails the test where records differ in anything but the time.
func same(t interface {
	Helper()
	Fatalf(string, ...any)
}, got, want []eventlog.Recorded) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		g, w := got[i], want[i]
		if g.ID != w.ID || g.Kind != w.Kind || g.Stream != w.Stream || g.Revision != w.Revision || g.Position != w.Position ||
			!bytes.Equal(g.Data, w.Data) || !bytes.Equal(g.Metadata, w.Metadata) {
			t.Fatalf("event %d of %d is\n%+v\nand should be\n%+v", i, len(want), g, w)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
}

package esdblog

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
	"lobby.example/eventlog/sqlitelog"
)

// TestE07PositionsAreKeptWhole: both halves of a position come from the server, go
// through print and parse, and back to the server.
func TestE07PositionsAreKeptWhole(t *testing.T) {
	_, s := serveLens(t, embedded(t), 0)
	l := open(t, s.URL, Options{})
	one := write(t, l, "post-1", eventlog.NoStream, events(1)...)
	three := write(t, l, "post-1", 0, events(3)...)
	positions := append(one.Positions, three.Positions...)
	got := all(t, l)
	if len(got) != 4 {
		t.Fatalf("%d events", len(got))
	}
	for i, p := range positions {
		if p.Commit()%stride != 0 || p.Prepare() != p.Commit()-3 || got[i].Position != p {
			t.Errorf("event %d is at %v and was appended at %v", i, got[i].Position, p)
		}
		parsed, err := eventlog.ParsePosition(p.String())
		if err != nil || parsed != p || whole(parsed) != (esdb.Position{Commit: p.Commit(), Prepare: p.Prepare()}) {
			t.Errorf("%v is parsed as %v (%v), and given back as %v", p, parsed, err, whole(parsed))
		}
		rest := 0
		for e, err := range l.ReadAll(deadline(t), parsed, eventlog.Forward, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if rest++; e.Position != positions[i+rest] {
				t.Errorf("after %v comes %v", p, e.Position)
			}
		}
		if rest != 3-i {
			t.Errorf("%d events after %v", rest, p)
		}
		for e, err := range l.ReadAll(deadline(t), parsed, eventlog.Backward, 1) {
			if err != nil || e.Position != p {
				t.Errorf("the event at %v is at %v (%v)", p, e.Position, err)
			}
		}
	}
	if head, err := l.Head(deadline(t)); err != nil || head != positions[3] {
		t.Errorf("the head is %v (%v)", head, err)
	}
}

// TestThroughIsNeverBeyondTheLastEvent: while a subscription catches up, the server
// may tell of a place after the last event, where nothing is. As a checkpoint it would
// be refused at the next start.
func TestThroughIsNeverBeyondTheLastEvent(t *testing.T) {
	_, s := serveLens(t, embedded(t), 5)
	l := open(t, s.URL, Options{Categories: []string{"post"}})
	write(t, l, "post-1", eventlog.NoStream, events(3)...)
	other := write(t, l, "other-1", eventlog.NoStream, events(2)...).Positions[1]
	after := eventlog.Position{}
	for range 3 {
		for batch, err := range l.Follow(deadline(t), after) {
			if err != nil {
				t.Fatalf("after %v: %v", after, err)
			}
			if after = batch.Through; after.Compare(other) > 0 {
				t.Fatalf("Through is %v, beyond the last event at %v", after, other)
			}
			if after == other {
				break
			}
		}
	}
}

// copyLog copies the files of a log that nobody writes to.
func copyLog(t *testing.T, from string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	files, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestE08RestoredOrOtherServerIsRecognised: an older backup of the same server has the
// same identity, so that positions up to its end are good and those beyond are refused,
// also under a follower that was there before; another server is another log.
func TestE08RestoredOrOtherServerIsRecognised(t *testing.T) {
	dir := t.TempDir()
	s := esdbtest.StartAt(t, dir)
	l := open(t, s.URL, Options{})
	early := write(t, l, "post-1", eventlog.NoStream, events(3)...).Positions[2]
	s.Stop(t)
	backup := copyLog(t, dir)
	s.Start(t)
	late := write(t, l, "post-1", 2, events(3)...).Positions[2]

	restored, err := sqlitelog.Open(filepath.Join(backup, "events.db"), sqlitelog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { restored.Close() })
	var ended error
	for batch, err := range l.Follow(deadline(t), early) { // is at late when the backup comes
		if ended = err; err == nil && batch.Through == late {
			s.Stop(t)
			s.Log = restored
			s.Start(t)
		}
	}
	if !errors.Is(ended, eventlog.ErrBeyondHead) {
		t.Errorf("a follower at %v of a log that ends at %v again: %v", late, early, ended)
	}
	for name, l := range map[string]*Log{"the same process": l, "another": open(t, s.URL, Options{})} {
		if err := first(t, l, late); !errors.Is(err, eventlog.ErrBeyondHead) {
			t.Errorf("%s, after %v: %v", name, late, err)
		}
		if err := first(t, l, early); err != nil {
			t.Errorf("%s, after %v: %v", name, early, err)
		}
	}

	s.Stop(t)
	s.Log = embedded(t)
	s.Start(t)
	if err := first(t, l, early); !errors.Is(err, eventlog.ErrForeign) {
		t.Errorf("an empty server in place of the other: %v", err)
	}
	s.Stop(t)
	otherServer := esdbtest.Start(t)
	other := open(t, otherServer.URL, Options{})
	write(t, other, "post-1", eventlog.NoStream, events(9)...)
	if err := first(t, other, early); !errors.Is(err, eventlog.ErrForeign) {
		t.Errorf("a position of another server: %v", err)
	}
	s.Log = otherServer.Log
	s.Start(t)
	if _, err := l.Append(deadline(t), "post-2", eventlog.NoStream, events(1)); !errors.Is(err, eventlog.ErrForeign) {
		t.Errorf("an append to another log in the same place: %v", err)
	}
}

// first is the error with which following begins, if it does.
func first(t *testing.T, l *Log, after eventlog.Position) error {
	t.Helper()
	for _, err := range l.Follow(deadline(t), after) {
		return err
	}
	t.Fatal("a follower ended without an error")
	return nil
}

// TestHeadLooksAtForeignEventsOnce: in a cluster that is shared, what others write is
// looked at once, however often the head is asked for, and nothing from before the log
// began is looked at at all.
func TestHeadLooksAtForeignEventsOnce(t *testing.T) {
	const foreign, many = 2000, 20
	server, s := serveLens(t, embedded(t), 0)
	other := open(t, s.URL, Options{Prefix: "other."})
	write(t, other, "post-1", eventlog.NoStream, events(foreign)...)
	l := open(t, s.URL, Options{Prefix: "ours."})
	// heads asks many times, and bounds the events that the server read for all of them.
	heads := func(want eventlog.Position, bound int64) {
		t.Helper()
		before := server.reads.Load()
		for range many {
			if got, err := l.Head(deadline(t)); err != nil || got != want {
				t.Fatalf("the head is %v (%v), want %v", got, err, want)
			}
		}
		if read := server.reads.Load() - before; read > bound {
			t.Errorf("%d events were read for %d heads at %v, more than %d", read, many, want, bound)
		}
	}
	page := int64(l.options.bounds.headPage)
	heads(eventlog.Position{}, many*page)
	mine := write(t, l, "post-1", eventlog.NoStream, event()).Positions[0]
	heads(mine, many*page)
	write(t, other, "post-2", eventlog.NoStream, events(foreign)...)
	heads(mine, many*page+foreign+2*int64(l.options.bounds.page)) // the last page may go on for a while
}

package sqlitelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"lobby.example/eventlog"
)

// onWriter runs f in the writer's goroutine, between two transactions.
func onWriter(l *Log, f func(*writer)) {
	done := make(chan struct{})
	l.control <- func(w *writer) { f(w); close(done) }
	<-done
}

func pragma(t *testing.T, l *Log, text string) (value string) {
	t.Helper()
	onWriter(l, func(w *writer) {
		if err := w.conn.QueryRowContext(context.Background(), "pragma "+text).Scan(&value); err != nil && !errors.Is(err, sql.ErrNoRows) {
			t.Error(err)
		}
	})
	return value
}

func TestPragmasOfTheConnectionThatWrites(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "log"), Options{})
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "temp_store": "2", "busy_timeout": "10000", "cache_size": "-65536"} {
		if got := pragma(t, l, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// TestOneGroup puts appends into one transaction and looks at each answer: what
// is wrong or a repetition costs its neighbours nothing, and each sees the effect
// of those before it.
func TestOneGroup(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "log"), Options{})
	first, other := []eventlog.Event{event()}, []eventlog.Event{event(), event()}
	requests := []struct {
		stream   string
		expected eventlog.Revision
		events   []eventlog.Event
		position uint64 // of the first event
		current  eventlog.Revision
	}{
		{stream: "post-1", expected: eventlog.NoStream, events: first, position: 1},
		{stream: "post-1", expected: 0, events: other, position: 2},
		{stream: "post-1", expected: 7, events: []eventlog.Event{event()}, current: 3},
		{stream: "post-1", expected: eventlog.NoStream, events: []eventlog.Event{event()}, current: 3},
		{stream: "post-1", expected: eventlog.NoStream, events: first, position: 1},
		{stream: "post-1", expected: 0, events: other, position: 2},
		{stream: "post-2", expected: eventlog.NoStream, events: []eventlog.Event{event()}, position: 4},
		{stream: "post-1", expected: 2, events: []eventlog.Event{event()}, position: 5},
		{stream: "post-2", expected: eventlog.NoStream, events: []eventlog.Event{event()}, current: 0},
	}
	release := make(chan struct{})
	l.control <- func(*writer) { <-release }
	var work sync.WaitGroup
	for i, r := range requests {
		work.Go(func() {
			a, err := l.Append(context.Background(), r.stream, r.expected, r.events)
			var c *eventlog.ConflictError
			switch {
			case r.position == 0:
				if !errors.As(err, &c) || c.Current != r.current {
					t.Errorf("request %d: %v, want a conflict with revision %d", i, err, r.current)
				}
			case err != nil || a.Positions[0].Commit() != r.position || a.Revision != r.expected+eventlog.Revision(len(r.events)):
				t.Errorf("request %d: %v, %v, want position %d", i, a, err, r.position)
			}
		})
		for len(l.queue) <= i {
			runtime.Gosched()
		}
	}
	close(release)
	work.Wait()
	if s := l.Stats(); s.Commits != 1 || s.Events != 5 || s.Appends != 4 {
		t.Errorf("%+v, want one commit of five events from four appends", s)
	}
}

// TestDiskFull takes the room away while several append, with the index of
// streams being filled at every commit, and gives it back.
func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	options := Options{bounds: bounds{heads: 8, recentBytes: 3000, indexEvery: 3, indexBytes: 1 << 20, readPage: 16}}
	l := open(t, path, options)
	const writers = 8
	next := make([]eventlog.Revision, writers)
	for w := range next {
		next[w] = eventlog.NoStream
	}
	failed := make([][]eventlog.Event, writers) // with an unknown outcome
	ctx := context.Background()
	for range 3 {
		var pages int
		fmt.Sscan(pragma(t, l, "page_count"), &pages)
		pragma(t, l, fmt.Sprintf("max_page_count = %d", pages+20))
		var work sync.WaitGroup
		for w := range writers {
			work.Go(func() {
				for {
					events := []eventlog.Event{event(), event()}
					a, err := l.Append(ctx, fmt.Sprintf("post-%d", w), next[w], events)
					if err != nil {
						if !errors.Is(err, eventlog.ErrFull) {
							t.Errorf("without room: %v", err)
						}
						failed[w] = events
						return
					}
					next[w] = a.Revision
				}
			})
		}
		work.Wait()

		// What does not need room works as ever.
		var c *eventlog.ConflictError
		if _, err := l.Append(ctx, "post-0", next[0]+5, []eventlog.Event{event()}); !errors.As(err, &c) || c.Current != next[0] {
			t.Errorf("a wrong revision without room: %v, want a conflict with revision %d", err, next[0])
		}
		for w := range writers {
			if n := count(t, l, fmt.Sprintf("post-%d", w)); n != int(next[w]+1) {
				t.Errorf("stream %d has %d events without room, %d were acknowledged", w, n, next[w]+1)
			}
		}

		pragma(t, l, "max_page_count = 1000000")
		for w := range writers {
			a, err := l.Append(ctx, fmt.Sprintf("post-%d", w), next[w], failed[w])
			if err != nil {
				t.Fatalf("with room again: %v", err)
			}
			next[w] = a.Revision
		}
	}
	l.Close()
	l = open(t, path, options)
	total, position := 0, uint64(0)
	for e, err := range l.ReadAll(ctx, eventlog.Position{}, eventlog.Forward, 0) {
		if position++; err != nil || e.Position.Commit() != position {
			t.Fatalf("position %v after %d: %v", e.Position, position-1, err)
		}
	}
	for w := range writers {
		n := count(t, l, fmt.Sprintf("post-%d", w))
		if total += n; n != int(next[w]+1) {
			t.Errorf("stream %d has %d events, %d were acknowledged", w, n, next[w]+1)
		}
	}
	if total != int(position) {
		t.Errorf("%d events in all, %d in streams", position, total)
	}
}

func count(t *testing.T, l *Log, stream string) (n int) {
	t.Helper()
	for e, err := range l.ReadStream(context.Background(), stream, 0, eventlog.Forward, 0) {
		if err != nil || e.Revision != eventlog.Revision(n) {
			t.Fatalf("revision %d is %v, %v", n, e, err)
		}
		n++
	}
	return n
}

// TestACommitThatReportedAnError: what SQLite has counts, though the writer was
// told otherwise. The event shows up with the next append, and nobody gets its place.
func TestACommitThatReportedAnError(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "log"), Options{})
	ctx := context.Background()
	lost := []eventlog.Event{event()}
	if _, err := l.Append(ctx, "post-1", eventlog.NoStream, []eventlog.Event{event()}); err != nil {
		t.Fatal(err)
	}
	onWriter(l, func(w *writer) {
		w.group = []*request{newRequest("post-1", 0, lost)}
		p, err := w.plan()
		if err == nil {
			err = w.transact(p)
		}
		if err != nil {
			t.Error(err)
		}
		w.doubtful = true // as after an error
	})
	var c *eventlog.ConflictError
	if _, err := l.Append(ctx, "post-1", 0, []eventlog.Event{event()}); !errors.As(err, &c) || c.Current != 1 {
		t.Fatalf("append in its place: %v, want a conflict with revision 1", err)
	}
	if a, err := l.Append(ctx, "post-1", 0, lost); err != nil || a.Positions[0].Commit() != 2 {
		t.Fatalf("repeated: %v, %v, want position 2", a, err)
	}
	if a, err := l.Append(ctx, "post-1", 1, []eventlog.Event{event()}); err != nil || a.Positions[0].Commit() != 3 {
		t.Fatalf("the next append: %v, %v, want position 3", a, err)
	}
	if n := count(t, l, "post-1"); n != 3 {
		t.Errorf("%d events", n)
	}
	n := 0
	for batch, err := range l.Follow(ctx, eventlog.Position{}) {
		if n += len(batch.Events); err != nil || batch.CaughtUp {
			break
		}
	}
	if n != 3 {
		t.Errorf("a follower saw %d events", n)
	}
}

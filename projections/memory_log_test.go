package projections_test

import (
	"context"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"lobby.example/eventlog"
	"lobby.example/eventlog/eventlogtest"
)

// memoryLog is a true eventlog.Log in memory, which a simulation can afford to
// make ten thousand times, and which can go back in time.
type memoryLog struct {
	categories []string
	closed     chan struct{}
	once       sync.Once
	woken      func(context.Context)     // before a follower looks at what woke it; may be nil
	appended   func([]eventlog.Recorded) // may be nil

	*memoryEvents
}

// memoryEvents is what stays of a log when it is closed.
type memoryEvents struct {
	mu       sync.RWMutex
	identity eventlog.Identity
	step     uint64 // between two positions
	all      []eventlog.Recorded
	streams  map[string][]int // by their place in all
	changed  chan struct{}    // closed and replaced when all changes
	copies   int              // how often an older one was put in its place
}

func newMemoryEvents(name string, step uint64) *memoryEvents {
	return &memoryEvents{identity: eventlog.NewIdentity(name), step: step, streams: map[string][]int{}, changed: make(chan struct{})}
}

func openMemoryLog(events *memoryEvents, categories ...string) *memoryLog {
	return &memoryLog{memoryEvents: events, categories: categories, closed: make(chan struct{})}
}

func TestTheMemoryLogIsALog(t *testing.T) {
	for name, step := range map[string]uint64{"without gaps": 1, "with gaps": 137} {
		t.Run(name, func(t *testing.T) {
			places := map[string]*memoryEvents{}
			eventlogtest.Exercise(t, func(place string, categories ...string) (eventlogtest.Log, error) {
				if places[place] == nil {
					places[place] = newMemoryEvents(place, step)
				}
				return openMemoryLog(places[place], categories...), nil
			})
		})
	}
}

func (l *memoryLog) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryLog) usable(ctx context.Context) error {
	select {
	case <-l.closed:
		return eventlog.ErrClosed
	default:
		return ctx.Err()
	}
}

func (l *memoryLog) sees(r eventlog.Recorded) bool {
	return len(l.categories) == 0 || slices.Contains(l.categories, eventlog.Category(r.Stream))
}

func (l *memoryLog) Append(ctx context.Context, stream string, expected eventlog.Revision, events []eventlog.Event) (a eventlog.Appended, err error) {
	if err := l.usable(ctx); err != nil {
		return a, err
	}
	if err := eventlog.CheckAppend(stream, expected, events); err != nil {
		return a, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil { // whoever closed it has counted what was acknowledged
		return a, err
	}
	was := l.streams[stream]
	a.Revision = expected + eventlog.Revision(len(events))
	if current := eventlog.Revision(len(was)) - 1; current != expected {
		if current >= a.Revision {
			for i, at := range was[expected+1 : a.Revision+1] {
				if l.all[at].ID != events[i].ID {
					break
				}
				a.Positions = append(a.Positions, l.all[at].Position)
			}
		}
		if len(a.Positions) == len(events) {
			return a, nil
		}
		return eventlog.Appended{}, &eventlog.ConflictError{Stream: stream, Expected: expected, Current: current}
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i, e := range events {
		at := uint64(len(l.all)+1) * l.step
		r := eventlog.Recorded{Event: own(e), Stream: stream, Revision: expected + 1 + eventlog.Revision(i), Position: l.identity.At(at, at), Time: now}
		l.streams[stream] = append(l.streams[stream], len(l.all))
		l.all = append(l.all, r)
		a.Positions = append(a.Positions, r.Position)
	}
	if l.appended != nil {
		l.appended(l.all[len(l.all)-len(events):])
	}
	l.wake()
	return a, nil
}

func (e *memoryEvents) wake() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// restore leaves the first n events, as an older copy would.
func (e *memoryEvents) restore(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = e.all[:n:n]
	for stream, at := range e.streams {
		end, _ := slices.BinarySearch(at, n)
		e.streams[stream] = at[:end:end]
	}
	e.copies++
	e.wake()
}

// own gives an event that shares no bytes with another.
func own(e eventlog.Event) eventlog.Event {
	e.Data, e.Metadata = slices.Clone(e.Data), slices.Clone(e.Metadata)
	return e
}

func (l *memoryLog) Head(ctx context.Context) (eventlog.Position, error) {
	for r, err := range l.ReadAll(ctx, eventlog.Position{}, eventlog.Backward, 1) {
		return r.Position, err
	}
	return eventlog.Position{}, nil
}

// yieldEach hands over copies, and looks at the context before each.
func (l *memoryLog) yieldEach(ctx context.Context, events iter.Seq[eventlog.Recorded], limit int, yield func(eventlog.Recorded, error) bool) {
	n := 0
	for r := range events {
		if limit > 0 && n == limit {
			return
		}
		if err := l.usable(ctx); err != nil {
			yield(eventlog.Recorded{}, err)
			return
		}
		if r.Event = own(r.Event); !yield(r, nil) {
			return
		}
		n++
	}
	if err := l.usable(ctx); err != nil && n == 0 {
		yield(eventlog.Recorded{}, err)
	}
}

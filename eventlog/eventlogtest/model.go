package eventlogtest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/eventlog"
)

// agreesWithModel does anything to a log in any order, and asks a list of events
// what should have come of it.
func agreesWithModel(t *testing.T, open Open) {
	place := t.TempDir()
	l := reopen(t, open, place)
	rapid.Check(t, func(r *rapid.T) { // all on one log, each with streams of its own
		start, err := l.Head(t.Context())
		if err != nil {
			r.Fatal(err)
		}
		m := model{t: t, r: r, suffix: uuid.NewString(), streams: map[string][]eventlog.Recorded{}}
		r.Repeat(map[string]func(*rapid.T){
			"append": func(r *rapid.T) { m.r = r; m.append(l) },
			"retry":  func(r *rapid.T) { m.r = r; m.retry(l) },
			"read":   func(r *rapid.T) { m.r = r; m.read(l) },
			"reopen": func(r *rapid.T) {
				if rapid.IntRange(0, 9).Draw(r, "reopen") != 9 {
					return
				}
				if err := l.Close(); err != nil {
					r.Fatal(err)
				}
				l = reopen(t, open, place)
			},
			"": func(r *rapid.T) {
				want := start
				if n := len(m.events); n > 0 {
					want = m.events[n-1].Position
				}
				if got, err := l.Head(t.Context()); got != want || err != nil {
					r.Fatalf("the head is %v (%v), want %v", got, err, want)
				}
			},
		})
	})
}

type model struct {
	t       *testing.T
	suffix  string
	r       *rapid.T
	streams map[string][]eventlog.Recorded
	events  []eventlog.Recorded
}

func (m *model) stream() string {
	return rapid.SampledFrom([]string{"post-1-", "post-2-", "connection-1-"}).Draw(m.r, "stream") + m.suffix
}

func (m *model) append(l eventlog.Log) {
	name := m.stream()
	current := eventlog.Revision(len(m.streams[name])) - 1
	expected := max(-1, current+eventlog.Revision(rapid.SampledFrom([]int{0, 0, 0, 0, -1, 1, -3}).Draw(m.r, "off by")))
	events := some(rapid.IntRange(1, 5).Draw(m.r, "events"))
	a, err := l.Append(m.t.Context(), name, expected, events)
	if expected != current {
		var c *eventlog.ConflictError
		if !errors.As(err, &c) || c.Current != current {
			m.r.Fatalf("append at %d instead of %d: %v", expected, current, err)
		}
		return
	}
	if err != nil {
		m.r.Fatal(err)
	}
	records := recorded(name, a, events)
	m.streams[name] = append(m.streams[name], records...)
	m.events = append(m.events, records...)
}

func (m *model) retry(l eventlog.Log) {
	name := m.stream()
	all := m.streams[name]
	if len(all) == 0 {
		return
	}
	from := rapid.IntRange(0, len(all)-1).Draw(m.r, "from")
	to := rapid.IntRange(from+1, len(all)).Draw(m.r, "to")
	var events []eventlog.Event
	var positions []eventlog.Position
	for _, e := range all[from:to] {
		events, positions = append(events, e.Event), append(positions, e.Position)
	}
	a, err := l.Append(m.t.Context(), name, eventlog.Revision(from)-1, events)
	if err != nil || a.Revision != eventlog.Revision(to)-1 || !slices.Equal(a.Positions, positions) {
		m.r.Fatalf("retry of revisions %d to %d: %v, %v", from, to-1, a, err)
	}
}

func (m *model) read(l eventlog.Log) {
	limit := rapid.IntRange(1, 7).Draw(m.r, "limit")
	direction := rapid.SampledFrom([]eventlog.Direction{eventlog.Forward, eventlog.Backward}).Draw(m.r, "direction")
	name := m.stream()
	want := m.streams[name]
	from := rapid.IntRange(0, len(want)+1).Draw(m.r, "from")
	if direction == eventlog.Forward {
		want = want[min(from, len(want)):]
	} else {
		want = backward(want[:min(from+1, len(want))])
	}
	var got []eventlog.Recorded
	for e, err := range l.ReadStream(m.t.Context(), name, eventlog.Revision(from), direction, limit) {
		if err != nil {
			m.r.Fatal(err)
		}
		got = append(got, e)
	}
	same(m.r, got, first(limit, want))

	if len(m.events) == 0 {
		return
	}
	at := rapid.IntRange(0, len(m.events)-1).Draw(m.r, "at")
	want = m.events[at+1:]
	if direction == eventlog.Backward {
		want = backward(m.events[:at+1])
	}
	got = nil
	for e, err := range l.ReadAll(m.t.Context(), m.events[at].Position, direction, limit) {
		if err != nil {
			m.r.Fatal(err)
		}
		got = append(got, e)
	}
	same(m.r, got[:min(len(got), len(want))], first(limit, want)) // backward goes on before the model's start
}

package queue

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"pgregory.net/rapid"
)

// What happens to the model and the store in TestOrderPerRecipientWhateverHappens.

func (m *model) plan(t *rapid.T) {
	name := m.name(t)
	var items []Item
	l := m.line(name)
	if len(l.items) == 0 {
		l.now()
	}
	for range rapid.IntRange(1, 3).Draw(t, "items") {
		m.planned[name]++
		items = append(items, item("email", name, m.planned[name]))
		l.items = append(l.items, m.planned[name])
	}
	if len(l.items) > len(items) { // a repeat of what is there
		items = append([]Item{item("email", name, l.items[0])}, items...)
	}
	if err := m.store.Plan(context.Background(), Plan{Through: Checkpoint{Position: "p"}, Items: items}); err != nil {
		t.Fatal(err)
	}
}

// pick takes a flight off the list of those that were not answered.
func (m *model) pick(t *rapid.T) *flight {
	if len(m.flights) == 0 {
		t.Skip("nothing is being delivered")
	}
	i := rapid.IntRange(0, len(m.flights)-1).Draw(t, "flight")
	f := m.flights[i]
	m.flights = slices.Delete(m.flights, i, i+1)
	return f
}

// land is the end of a flight that still has its claim; true: the item is still there.
func (m *model) land(f *flight) (*line, bool) {
	l := m.lines[f.name]
	l.flying = nil
	return l, len(l.items) > 0 && l.items[0] == f.n
}

func (m *model) ack(t *rapid.T) {
	f := m.pick(t)
	f.msg.Ack()
	if f.parked {
		return
	}
	if l, there := m.land(f); there {
		l.first(l.items[1:])
	}
}

func (m *model) nack(t *rapid.T) {
	f := m.pick(t)
	f.msg.Nack()
	if f.parked {
		return
	}
	l, there := m.land(f)
	switch {
	case !there || l.attempts != f.attempt: // an operator was there
	case f.attempt >= modelAttempts:
		l.parked = true
	default:
		l.earliest = time.Now().Add(modelPause)
		l.latest = l.earliest
	}
}

func (m *model) park(t *rapid.T) {
	f := m.pick(t)
	m.flights = append(m.flights, f)
	f.msg.Metadata.Set(middleware.ReasonForPoisonedKey, "it is poison")
	if err := m.store.Parker().Publish("poison", f.msg); err != nil {
		t.Fatal(err)
	}
	if f.parked {
		return
	}
	if l := m.lines[f.name]; len(l.items) > 0 && l.items[0] == f.n {
		l.parked, l.flying, f.parked = true, nil, true
	}
}

func (m *model) retry(t *rapid.T) {
	name := m.name(t)
	found, err := m.store.Retry(context.Background(), name)
	l := m.lines[name]
	if err != nil || found != (l != nil && len(l.items) > 0) {
		t.Fatalf("retry of %s: %v, %v", name, found, err)
	}
	if found {
		l.first(l.items)
	}
}

func (m *model) retryAll(t *rapid.T) {
	want := 0
	for _, l := range m.lines {
		if len(l.items) > 0 && l.flying == nil && (l.parked || l.attempts > 0) {
			l.first(l.items)
			want++
		}
	}
	if n, err := m.store.RetryAll(context.Background(), rapid.SampledFrom([]string{"", "email"}).Draw(t, "topic")); err != nil || n != want {
		t.Fatalf("%d were retried, %v; want %d", n, err, want)
	}
}

func (m *model) drop(t *rapid.T) {
	name, all := m.name(t), rapid.Bool().Draw(t, "all")
	want := 0
	if l := m.lines[name]; l != nil && len(l.items) > 0 {
		if want = 1; all {
			want = len(l.items)
		}
		l.first(l.items[want:])
	}
	if n, err := m.store.Drop(context.Background(), name, all); err != nil || n != want {
		t.Fatalf("%d items of %s were dropped, %v; want %d", n, name, err, want)
	}
}

func (m *model) wait(t *rapid.T) {
	time.Sleep(time.Duration(rapid.IntRange(1, 12).Draw(t, "seconds")) * time.Second)
}

func (m *model) restart(t *rapid.T) {
	if err := m.store.Close(); err != nil {
		t.Fatal(err)
	}
	m.start(t)
}

// crash goes on from a copy of the files, made as a crash would leave them.
func (m *model) crash(t *rapid.T) {
	m.files++
	path := filepath.Join(m.dir, fmt.Sprint("copy-", m.files))
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(m.path + end)
		if err == nil {
			err = os.WriteFile(path+end, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range m.lines {
		if l.flying != nil && l.attempts > 1 { // it may be what crashed
			l.earliest = time.Now()
			l.latest = l.earliest.Add(longestPause)
		}
	}
	crashed := slices.Clone(m.flights)
	for _, f := range crashed {
		f.msg.Ack() // the old store must not wait
	}
	if err := m.store.Close(); err != nil {
		t.Fatal(err)
	}
	m.path = path
	m.start(t)
}

package queue

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"pgregory.net/rapid"
)

// A run tries fewer sequences where the race detector makes each twenty times as
// slow, and -rapid.checks asks for more.
func init() {
	checks := "60"
	if raced() {
		checks = "6"
	}
	flag.Set("rapid.checks", checks)
}

const (
	modelAttempts = 3
	modelPause    = 10 * time.Second
)

// line is what the model knows of a recipient.
type line struct {
	items    []int
	parked   bool
	attempts int
	earliest time.Time // the first item must not come before
	latest   time.Time // and must have come by then
	flying   *flight   // whose answer the recipient waits for
}

type flight struct {
	msg     *message.Message
	name    string
	n       int
	attempt int
	parked  bool // its claim is gone
}

// model drives a store and says what it must do.
type model struct {
	dir     string
	files   int
	path    string
	store   *Store
	sub     *Subscriber
	out     <-chan *message.Message
	planned map[string]int
	lines   map[string]*line
	flights []*flight
}

func (m *model) start(t *rapid.T) {
	s, err := Open(m.path)
	if err == nil {
		err = s.Own()
	}
	m.store = s
	m.sub = NewSubscriber(s, SubscriberOptions{MaxAttempts: modelAttempts, Backoff: func(int) time.Duration { return modelPause }})
	if err == nil {
		m.out, err = m.sub.Subscribe(context.Background(), "email")
	}
	if err != nil {
		t.Fatal(err)
	}
	m.flights = nil
	for _, l := range m.lines {
		l.flying = nil
	}
	maps.DeleteFunc(m.lines, func(_ string, l *line) bool { return len(l.items) == 0 })
}

func (l *line) now() { l.earliest, l.latest = time.Now(), time.Now() }

// first makes what is in front now wait for nothing.
func (l *line) first(items []int) {
	l.items, l.parked, l.attempts = items, false, 0
	l.now()
}

func (m *model) name(t *rapid.T) string {
	return rapid.SampledFrom([]string{"email-a", "email-b", "email-c"}).Draw(t, "recipient")
}

func (m *model) line(name string) *line {
	if m.lines[name] == nil {
		m.lines[name] = &line{}
		m.lines[name].now()
	}
	return m.lines[name]
}

// check takes what comes, and compares everything with the model.
func (m *model) check(t *rapid.T) {
	for msg := next(m.out); msg != nil; msg = next(m.out) {
		i, attempt, err := ItemOf(msg)
		if err != nil {
			t.Fatal(err)
		}
		l := m.lines[i.Recipient]
		if l == nil || len(l.items) == 0 || l.parked || l.flying != nil || int64(l.items[0]) != i.Revision || attempt != l.attempts+1 || time.Now().Before(l.earliest) {
			t.Fatalf("attempt %d of item %d for %s came; the model has %+v", attempt, i.Revision, i.Recipient, l)
		}
		l.attempts = attempt
		l.flying = &flight{msg: msg, name: i.Recipient, n: int(i.Revision), attempt: attempt}
		m.flights = append(m.flights, l.flying)
	}
	all, err := m.store.Recipients(context.Background(), false, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var want Count
	for _, name := range slices.Sorted(maps.Keys(m.lines)) {
		l := m.lines[name]
		if len(l.items) == 0 {
			continue
		}
		if len(all) == 0 || all[0].Recipient != name {
			t.Fatalf("%s is missing; there is %+v", name, all)
		}
		got := all[0]
		all = all[1:]
		if l.attempts >= modelAttempts && l.flying == nil && got.Parked && !time.Now().Before(l.earliest) {
			l.parked = true // what a crash left after its last attempt
		}
		if got.Items != len(l.items) || got.First != item("email", name, l.items[0]) || got.Parked != l.parked || got.Attempts != l.attempts {
			t.Fatalf("%s is %+v; the model has %+v", name, got, l)
		}
		if !l.parked && l.flying == nil && !time.Now().Before(l.latest) {
			t.Fatalf("%s is due, and nothing comes; the model has %+v", name, l)
		}
		want.Recipients++
		want.Items += len(l.items)
		if l.parked {
			want.ParkedRecipients++
			want.ParkedItems += len(l.items)
		}
	}
	counts, err := m.store.Counts(context.Background())
	if err != nil || counts["email"] != want || len(all) > 0 {
		t.Fatalf("the counts are %v, %v; want %v; nobody knows of %v", counts, err, want, all)
	}
}

// TestOrderPerRecipientWhateverHappens has a store plan, deliver, fail, park, be
// operated, restarted and crashed in any order, and compares each step with a model.
func TestOrderPerRecipientWhateverHappens(t *testing.T) {
	dir := t.TempDir()
	runs := 0
	rapid.Check(t, func(r *rapid.T) {
		runs++
		path := filepath.Join(dir, fmt.Sprint(runs))
		must(r, os.Mkdir(path, 0o700))
		defer os.RemoveAll(path)
		var failure any
		synctest.Test(t, func(*testing.T) {
			// rapid says by panics what it has to say, in its own goroutine.
			defer func() { failure = recover() }()
			drive(r, path)
		})
		switch { // in two places, by which rapid tells a failure from what it draws in vain
		case r.Failed():
			panic(failure)
		case failure != nil:
			panic(failure)
		}
	})
}

func drive(t *rapid.T, dir string) {
	m := &model{dir: dir, path: filepath.Join(dir, "delivery.db"), planned: map[string]int{}, lines: map[string]*line{}}
	m.start(t)
	defer func() {
		for _, f := range m.flights {
			f.msg.Ack()
		}
		m.store.Close()
	}()
	t.Repeat(map[string]func(*rapid.T){
		"": m.check, "plan": m.plan, "plan more": m.plan, "ack": m.ack, "ack more": m.ack, "nack": m.nack, "nack more": m.nack, "park": m.park,
		"retry": m.retry, "retry all": m.retryAll, "drop": m.drop, "wait": m.wait, "restart": m.restart, "crash": m.crash,
	})
}

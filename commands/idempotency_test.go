package commands

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/domain/connection"
)

// TestP28IdenticalRequestsWriteOneEvent has two processes take the same request
// a hundred times at once.
func TestP28IdenticalRequestsWriteOneEvent(t *testing.T) {
	h := newHouse(t)
	services := []*Service{h.service(h.log, nil), h.service(h.log, nil)}
	r := h.keyed(tom, "SendMessage", channel, "key", "a")
	answers := make([]Result, 100)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range answers {
		all.Go(func() {
			<-start
			answer, err := h.send(services[i%2], r)
			if err != nil {
				t.Error(err)
			}
			answers[i] = answer
		})
	}
	close(start)
	all.Wait()
	for _, answer := range answers {
		if answer != answers[0] || answer.Events != 1 {
			t.Fatalf("one is answered %+v, another %+v", answers[0], answer)
		}
	}
	if n := h.count(channel, "message_sent"); n != 1 {
		t.Errorf("%d events for one key", n)
	}
}

func TestRetryAnswersAsTheFirst(t *testing.T) {
	h := newHouse(t)
	stale := h.service(h.log, nil)
	h.must(h.send(stale, h.request(tom))) // its cache ends here
	snapshots := h.openSnapshots()
	first := h.service(h.log, snapshots)
	r := h.keyed(tom, "SendMessage", channel, "key", "a")
	want := h.must(h.send(first, r))
	for i := range 200 { // so that a snapshot is taken, which has the command
		h.must(h.send(first, h.keyed(lena, "SendMessage", channel, numbered("other", i), "b")))
	}
	if err := snapshots.Close(); err != nil {
		t.Fatal(err)
	}
	head := h.head()
	for name, s := range map[string]*Service{
		"the same process":                first,
		"another process":                 stale,
		"a restart without snapshots":     h.service(h.log, nil),
		"a restart with snapshots":        h.service(h.log, h.openSnapshots()),
		"a restart with snapshots closed": h.service(h.log, snapshots),
	} {
		got, err := h.send(s, r)
		if err != nil || got != want {
			t.Errorf("%s: answered %+v, %v; want %+v", name, got, err, want)
		}
		other := r
		other.Content = "another body"
		if _, err := h.send(s, other); code(err) != "idempotency_key_reused" {
			t.Errorf("%s: another body under the key is answered %v", name, err)
		}
	}
	if h.head() != head {
		t.Error("a retry wrote something")
	}
}

// TestAnotherBodyAtTheSameRevision: two processes decide different requests
// under one key on the same revision. If their events had the same ids, the log
// would take the second for a repetition of the first.
func TestAnotherBodyAtTheSameRevision(t *testing.T) {
	h := newHouse(t)
	one, two := h.service(h.log, nil), h.service(h.log, nil)
	for _, s := range []*Service{one, two} { // both know the stream up to here
		if err := s.connections.Look(t.Context(), channel, func(connection.State) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	h.must(h.send(one, h.keyed(tom, "SendMessage", channel, "key", "a")))
	_, err := h.send(two, h.keyed(tom, "SendMessage", channel, "key", "b"))
	wantCode(t, err, "idempotency_key_reused")
	if n := h.count(channel, "message_sent"); n != 1 {
		t.Errorf("%d messages under one key", n)
	}
}

func TestKeyIsBoundToActorOperationAndStream(t *testing.T) {
	h := newHouse(t)
	other := h.connect(tom, pia)
	ids := map[uuid.UUID]bool{}
	for _, r := range []Request{
		h.keyed(tom, "SendMessage", channel, "key", "a"),
		h.keyed(lena, "SendMessage", channel, "key", "a"),
		h.keyed(tom, "MarkSeen", channel, "key", "a"),
		h.keyed(tom, "SendMessage", connection.Stream(other), "key", "a"),
		h.keyed(tom, "SendMessage", channel, "Key", "a"),
	} {
		ids[r.Command] = true
	}
	if len(ids) != 5 {
		t.Errorf("%d commands for 5 different requests", len(ids))
	}
	h.must(h.send(h.Service, h.keyed(tom, "SendMessage", channel, "key", "a")))
	h.must(h.send(h.Service, h.keyed(lena, "SendMessage", channel, "key", "b")))
	elsewhere := h.keyed(tom, "SendMessage", connection.Stream(other), "key", "c")
	h.must(h.connections.Execute(t.Context(), message(other, elsewhere), elsewhere))
	if n := h.count(channel, "message_sent"); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

func TestCommandThatWroteNothingIsDecidedAgain(t *testing.T) {
	h := newHouse(t)
	sent := h.request(tom)
	id := entityID(sent.Command)
	see := func() (Result, error) {
		return h.connections.Execute(t.Context(), connection.MarkSeen{Connection: pair, By: lena, Entries: []uuid.UUID{id}},
			h.keyed(lena, "MarkSeen", channel, "key", "a"))
	}
	if r := h.must(see()); r.Events != 0 {
		t.Fatalf("seen before it was sent: %+v", r)
	}
	h.must(h.send(h.Service, sent))
	if r := h.must(see()); r.Events != 1 {
		t.Errorf("not decided again: %+v", r)
	}
	// refused first, then allowed
	write := func() (Result, error) { return h.send(h.Service, h.keyed(tom, "SendMessage", channel, "key", "a")) }
	h.must(h.connections.Execute(t.Context(), connection.Disconnect{Connection: pair, By: lena}, h.request(lena)))
	_, err := write()
	wantCode(t, err, "not_connected")
	h.connect(lena, tom)
	if r := h.must(write()); r.Events != 1 {
		t.Errorf("not decided again: %+v", r)
	}
}

// TestKeyIsRememberedForADay tries retries at any time of day, on a service that
// remembers and on one that has to read the log.
func TestKeyIsRememberedForADay(t *testing.T) {
	h := newHouse(t)
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	number := 0
	check := func(t rapid.TB, start time.Time, later time.Duration) {
		number++
		key := numbered("key", number)
		h.set(start)
		r := h.keyed(tom, "SendMessage", channel, key, "a")
		first := h.must(h.send(h.Service, r))
		h.set(start.Add(later))
		for name, s := range map[string]*Service{"the same process": h.Service, "another process": h.service(h.log, nil)} {
			retry := h.keyed(tom, "SendMessage", channel, key, "a")
			again, err := h.send(s, retry)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch {
			case later <= window && again != first:
				t.Fatalf("%s: retried after %s at %s: %+v, want %+v", name, later, start, again, first)
			case later > window && (again.Command == first.Command || again.Revision <= first.Revision):
				t.Fatalf("%s: new after %s at %s: %+v, was %+v", name, later, start, again, first)
			}
		}
	}
	for _, start := range []time.Time{day, day.Add(time.Microsecond), day.Add(12 * time.Hour), day.Add(window - time.Microsecond), day.Add(window - time.Second)} {
		for _, later := range []time.Duration{0, time.Microsecond, time.Second, 12 * time.Hour, window - time.Microsecond, window, window + time.Microsecond, 36 * time.Hour, 48 * time.Hour, 240 * time.Hour} {
			check(t, start, later)
		}
	}
	// A clock that is a few minutes ahead has begun the next day.
	check(t, day.Add(time.Minute), -2*time.Minute)
	rapid.Check(t, func(t *rapid.T) {
		start := day.Add(time.Duration(rapid.Int64Range(0, int64(window/time.Microsecond)).Draw(t, "start")) * time.Microsecond)
		check(t, start, time.Duration(rapid.Int64Range(0, int64(3*window/time.Microsecond)).Draw(t, "later"))*time.Microsecond)
	})
	// No message took the place of another.
	seen := map[uuid.UUID]bool{}
	for _, e := range h.stream(channel) {
		if seen[e.ID] {
			t.Fatalf("event %s is there twice", e.ID)
		}
		seen[e.ID] = true
	}
}

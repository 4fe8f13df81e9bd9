package commands

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/eventlog"
)

// turn holds the stream while commands queue, in the order given, and answers
// with what they were answered when all of them had one turn.
func (h *house) turn(log *tampered, s *Service, held <-chan struct{}, open func(), commands ...func() (Result, error)) ([]Result, []error) {
	h.Helper()
	done := make(chan error)
	go func() {
		_, err := h.send(s, h.request(lena))
		done <- err
	}()
	<-held
	results, errs := make([]Result, len(commands)), make([]error, len(commands))
	for i, command := range commands {
		go func() {
			results[i], errs[i] = command()
			done <- nil
		}()
		until(h, "queueing", func() bool { return queued(s.connections, channel) == i+1 })
	}
	log.appends.Store(0)
	open()
	for range len(commands) + 1 {
		if err := <-done; err != nil {
			h.Error(err)
		}
	}
	return results, errs
}

func (h *house) see(s *Service, ids ...uuid.UUID) func() (Result, error) {
	return func() (Result, error) {
		return s.connections.Execute(h.Context(), connection.MarkSeen{Connection: pair, By: lena, Entries: ids}, h.request(lena))
	}
}

func (h *house) remove(s *Service, id uuid.UUID) func() (Result, error) {
	return func() (Result, error) {
		return s.connections.Execute(h.Context(), connection.DeleteMessage{Connection: pair, Message: id, By: tom}, h.request(tom))
	}
}

func TestCommandsThatWaitShareAnAppend(t *testing.T) {
	h := newHouse(t)
	log, held, open := gated(h.log)
	s := h.service(log, nil)
	commands := make([]func() (Result, error), maxTurn)
	for i := range commands {
		commands[i] = func() (Result, error) {
			return h.send(s, h.keyed(tom, "SendMessage", channel, numbered("key", i), "a"))
		}
	}
	results, errs := h.turn(log, s, held, open, commands...)
	events := h.stream(channel)
	for i, r := range results {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if i > 0 && r.Revision != results[i-1].Revision+1 {
			t.Errorf("command %d is at revision %d after %d", i, r.Revision, results[i-1].Revision)
		}
		if e := events[r.Revision]; e.Position != r.Position || e.Kind != "message_sent" || r.Events != 1 {
			t.Errorf("command %d is answered %+v, the log has %s at %s", i, r, e.Kind, e.Position)
		}
	}
	if n := log.appends.Load(); n != 1 {
		t.Errorf("%d appends for %d commands that waited together", n, len(commands))
	}
}

// TestOneTurn has everything that can happen to commands between others' appends.
func TestOneTurn(t *testing.T) {
	h := newHouse(t)
	sent := h.request(tom)
	seen := entityID(h.must(h.send(h.Service, sent)).Command)
	gone := h.request(tom)
	deleted := entityID(h.must(h.send(h.Service, gone)).Command)

	log, held, open := gated(h.log)
	s := h.service(log, nil)
	write := func(key, content string) func() (Result, error) {
		return func() (Result, error) { return h.send(s, h.keyed(tom, "SendMessage", channel, key, content)) }
	}
	stranger := func() (Result, error) {
		r := h.request(otto)
		return s.connections.Execute(t.Context(), message(pair, r), r)
	}
	base := h.stream(channel)[len(h.stream(channel))-1].Revision + 1 // of the one that holds the turn
	results, errs := h.turn(log, s, held, open,
		stranger,                // 0: refused on what is there
		h.see(s, uuid.New()),    // 1: nothing to do
		write("key", "a"),       // 2: base+1
		write("key", "a"),       // 3: the same key
		write("key", "b"),       // 4: another body
		h.see(s, seen),          // 5: base+2
		h.remove(s, seen),       // 6: refused by what is not yet in the log
		h.remove(s, deleted),    // 7: base+3
		h.remove(s, deleted),    // 8: nothing to do
		h.see(s, deleted, seen), // 9: nothing to do
		h.remove(s, uuid.New()), // 10: never there
		write("other", "a"),     // 11: base+4
	)
	wantRevision := map[int]eventlog.Revision{1: base, 2: base + 1, 3: base + 1, 5: base + 2, 7: base + 3, 8: base + 3, 9: base + 3, 11: base + 4}
	wantEvents := map[int]int{2: 1, 3: 1, 5: 1, 7: 1, 11: 1}
	wantRefusal := map[int]string{0: "channel_not_found", 4: "idempotency_key_reused", 6: "already_seen", 10: "entry_not_found"}
	events := h.stream(channel)
	for i, r := range results {
		wantCode(t, errs[i], wantRefusal[i])
		if wantRefusal[i] != "" {
			continue
		}
		if r.Revision != wantRevision[i] || r.Events != wantEvents[i] || r.Position != events[r.Revision].Position {
			t.Errorf("%d: answered %+v, %v; want revision %d, %d events", i, r, errs[i], wantRevision[i], wantEvents[i])
		}
	}
	if results[2] != results[3] {
		t.Errorf("one key is answered %+v and %+v", results[2], results[3])
	}
	if refusal, ok := errors.AsType[*domain.Refusal](errs[6]); ok {
		want := domain.Deciding{Stream: channel, Revision: int64(base + 2), By: lena, Time: refusal.Decided.Time}
		if *refusal.Decided != want || want.Time.IsZero() {
			t.Errorf("decided by %+v, want %+v", *refusal.Decided, want)
		}
		// A later reader is told the very same, from the log.
		_, err := h.remove(h.Service, seen)()
		if later, ok := errors.AsType[*domain.Refusal](err); !ok || !later.Decided.Time.Equal(refusal.Decided.Time) || later.Decided.Revision != want.Revision {
			t.Errorf("later decided by %v", err)
		}
	}
	if n := log.appends.Load(); n != 1 {
		t.Errorf("%d appends", n)
	}
	if len(events) != int(base)+5 {
		t.Errorf("%d events, want %d", len(events), base+5)
	}
}

// TestAnswersAreOfTheNewestState: another process has changed the stream since
// this one read it. Whatever is answered without an append must know that.
func TestAnswersAreOfTheNewestState(t *testing.T) {
	h := newHouse(t)
	stale := h.service(h.log, nil)
	sent := h.request(tom)
	id := entityID(h.must(h.send(stale, sent)).Command)
	h.must(h.see(h.Service, id)())

	_, err := h.remove(stale, id)()
	wantCode(t, err, "already_seen")

	sent = h.request(tom)
	id = entityID(h.must(h.send(h.Service, sent)).Command)
	if r := h.must(h.see(stale, id)()); r.Events != 1 {
		t.Errorf("seeing what another process sent is answered %+v", r)
	}
	h.must(h.send(h.Service, h.request(tom)))
	if r := h.must(h.see(stale, id)()); r.Events != 0 || r.Position != h.head() {
		t.Errorf("a no-op is answered %+v, the head is %s", r, h.head())
	}
	h.must(h.connections.Execute(t.Context(), connection.Disconnect{Connection: pair, By: lena}, h.request(lena)))
	_, err = h.send(stale, h.request(tom))
	wantCode(t, err, "not_connected")
	h.connect(lena, tom)
	if _, err := h.send(stale, h.request(tom)); err != nil {
		t.Errorf("refused by what is not so any more: %v", err)
	}
	// So is a look, which is how other streams are checked.
	h.must(h.connections.Execute(t.Context(), connection.Disconnect{Connection: pair, By: lena}, h.request(lena)))
	var status connection.Status
	err = stale.connections.Look(t.Context(), channel, func(c connection.State) error {
		status = c.Status
		return nil
	})
	if err != nil || status != connection.Disconnected {
		t.Errorf("a look shows %q, %v", status, err)
	}
}

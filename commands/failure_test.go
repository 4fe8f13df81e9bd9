package commands

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/eventlog"
)

func TestConflictsAreBounded(t *testing.T) {
	h := newHouse(t)
	log := &tampered{Log: h.log, before: func(string, eventlog.Revision) error {
		_, err := h.send(h.Service, h.request(lena)) // another process is always faster
		return err
	}}
	s := h.service(log, nil)
	_, err := h.send(s, h.request(tom))
	if conflict, ok := errors.AsType[*eventlog.ConflictError](err); !errors.Is(err, ErrBusy) || !ok || conflict.Stream != channel {
		t.Errorf("answered %v, want ErrBusy by a conflict", err)
	}
	if n := log.appends.Load(); n != maxAttempts {
		t.Errorf("%d appends, want %d", n, maxAttempts)
	}
	log.before = nil
	h.must(h.send(s, h.request(tom)))
	if n := h.count(channel, "message_sent"); n != maxAttempts+1 {
		t.Errorf("%d messages, want %d", n, maxAttempts+1)
	}
}

// TestStateAfterAConflict has what the other process wrote, and its own event once.
func TestStateAfterAConflict(t *testing.T) {
	h := newHouse(t)
	log := &tampered{Log: h.log}
	s := h.service(log, nil)
	h.must(h.send(s, h.request(tom)))
	theirs, ours := h.request(tom), h.request(tom)
	h.must(h.send(h.Service, theirs))
	h.must(h.send(s, ours))
	if log.conflicts.Load() != 1 {
		t.Fatalf("%d conflicts", log.conflicts.Load())
	}
	h.must(h.see(s, entityID(theirs.Command), entityID(ours.Command))())
	events := h.stream(channel)
	var seen connection.MessagesSeen
	if err := json.Unmarshal(events[len(events)-1].Data, &seen); err != nil {
		t.Fatal(err)
	}
	if want := []uuid.UUID{entityID(theirs.Command), entityID(ours.Command)}; !slices.Equal(seen.Messages, want) {
		t.Errorf("seen %v, want %v", seen.Messages, want)
	}
}

// TestE09UnknownOutcomeIsRepeated: the append went through, its answer did not.
func TestE09UnknownOutcomeIsRepeated(t *testing.T) {
	h := newHouse(t)
	var failures atomic.Int64
	var expected []eventlog.Revision
	log := &tampered{Log: h.log}
	log.before = func(_ string, at eventlog.Revision) error {
		expected = append(expected, at)
		return nil
	}
	log.after = func(string, eventlog.Revision) error {
		if failures.Add(-1) >= 0 {
			return context.DeadlineExceeded
		}
		return nil
	}
	s := h.service(log, nil)
	for _, n := range []int64{1, maxRepeats - 1} {
		expected = nil
		failures.Store(n)
		r := h.must(h.send(s, h.request(tom)))
		if e := h.stream(channel)[r.Revision]; e.Position != r.Position || h.head() != r.Position {
			t.Errorf("answered %+v, the log has %s", r, e.Position)
		}
		for _, at := range expected {
			if len(expected) != int(n)+1 || at != r.Revision-1 {
				t.Errorf("appended at revisions %v, want %d times %d", expected, n+1, r.Revision-1)
			}
		}
	}
	if n := h.count(channel, "message_sent"); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
	// It never became known: the caller repeats under the key.
	failures.Store(maxRepeats)
	r := h.keyed(tom, "SendMessage", channel, "key", "a")
	if _, err := h.send(s, r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("answered %v", err)
	}
	if again := h.must(h.send(s, r)); again.Events != 1 || again.Position != h.head() {
		t.Errorf("repeated: %+v", again)
	}
	if n := h.count(channel, "message_sent"); n != 3 {
		t.Errorf("%d messages, want 3", n)
	}
}

func TestFailedAppendLeavesNothing(t *testing.T) {
	h := newHouse(t)
	sent := h.request(tom)
	id := entityID(h.must(h.send(h.Service, sent)).Command)
	head := h.head()
	broken := errors.New("disk on fire")
	var fail atomic.Bool
	fail.Store(true)
	log := &tampered{Log: h.log, before: func(string, eventlog.Revision) error {
		if fail.Load() {
			return broken
		}
		return nil
	}}
	s := h.service(log, nil)
	if _, err := h.see(s, id)(); !errors.Is(err, broken) {
		t.Errorf("answered %v", err)
	}
	if n := log.appends.Load(); n != maxRepeats {
		t.Errorf("%d appends, want %d", n, maxRepeats)
	}
	if h.head() != head {
		t.Error("something was written")
	}
	fail.Store(false)
	// It has not been seen, so it can be deleted.
	if r := h.must(h.remove(s, id)()); r.Events != 1 {
		t.Errorf("the next command is answered %+v", r)
	}
	// A log that is closed is not asked again.
	h.log.Close()
	log.appends.Store(0)
	if _, err := h.send(s, h.request(tom)); !errors.Is(err, eventlog.ErrClosed) || log.appends.Load() > 1 {
		t.Errorf("answered %v after %d appends", err, log.appends.Load())
	}
}

// TestWhoHangsUpTakesNobodyAlong: the one who has the turn, and one who waits.
func TestWhoHangsUpTakesNobodyAlong(t *testing.T) {
	h := newHouse(t)
	log, held, open := gated(h.log)
	s := h.service(log, nil)
	leader, hangUp := context.WithCancel(t.Context())
	waiter, hangUpToo := context.WithCancel(t.Context())
	send := func(ctx context.Context, who string) chan error {
		done := make(chan error, 1)
		r := h.keyed(tom, "SendMessage", channel, who, who)
		go func() {
			_, err := s.connections.Execute(ctx, message(pair, r), r)
			done <- err
		}()
		return done
	}
	led := send(leader, "leader")
	<-held
	waited := send(waiter, "waiter")
	until(t, "queueing", func() bool { return queued(s.connections, channel) == 1 })
	other := send(t.Context(), "other")
	until(t, "queueing", func() bool { return queued(s.connections, channel) == 2 })
	hangUp()
	hangUpToo()
	open()
	if err := <-led; err != nil {
		t.Errorf("whose append went through is answered %v", err)
	}
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("who hung up before the turn is answered %v", err)
	}
	if err := <-other; err != nil {
		t.Errorf("the other is answered %v", err)
	}
	if n := h.count(channel, "message_sent"); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

// panicking is a rule with a mistake in it.
type panicking struct{ connection.SendMessage }

func (panicking) Decide(connection.State) ([]connection.Event, error) { panic("a mistake") }

func TestPanicDoesNotKeepTheStream(t *testing.T) {
	h := newHouse(t)
	log, held, open := gated(h.log)
	s := h.service(log, nil)
	_, errs := h.turn(log, s, held, open,
		func() (Result, error) { return h.send(s, h.request(tom)) },
		func() (Result, error) {
			return s.connections.Execute(t.Context(), panicking{connection.SendMessage{Connection: pair}}, h.request(tom))
		},
		func() (Result, error) { return h.send(s, h.request(tom)) })
	for i, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "a mistake") {
			t.Errorf("%d is answered %v", i, err)
		}
	}
	if n := h.count(channel, "message_sent"); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
	// What the turn had decided before is not taken for something that happened.
	waiting := 0
	err := s.connections.Look(t.Context(), channel, func(c connection.State) error {
		waiting = len(c.Thread.Waiting)
		return nil
	})
	if err != nil || waiting != 1 {
		t.Errorf("%d messages in the state, want 1: %v", waiting, err)
	}
	if _, err := h.send(s, h.request(tom)); err != nil {
		t.Errorf("the next is answered %v", err)
	}
}

// TestUnreadableStreamIsAnError, for whoever asks, and never a state.
func TestUnreadableStreamIsAnError(t *testing.T) {
	h := newHouse(t)
	stale := h.service(h.log, nil)
	h.must(h.send(stale, h.request(tom)))
	last := h.stream(channel)
	_, err := h.log.Append(t.Context(), channel, last[len(last)-1].Revision, []eventlog.Event{{ID: uuid.New(), Kind: "painted_blue", Data: []byte("{}"), Metadata: []byte("{}")}})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*Service{"cold": h.service(h.log, nil), "stale": stale} {
		for range 2 {
			if _, err := h.send(s, h.request(tom)); err == nil || !strings.Contains(err.Error(), "painted_blue") || !strings.Contains(err.Error(), channel) {
				t.Errorf("%s: answered %v", name, err)
			}
			if _, err := h.remove(s, uuid.New())(); err == nil || !strings.Contains(err.Error(), "painted_blue") {
				t.Errorf("%s: answered %v", name, err)
			}
		}
	}
}

package commands

import (
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/connection"
	"lobby.example/domain/scenario"
	"lobby.example/domain/thread"
	"lobby.example/eventlog"
)

// contest is one stream with an author and a reader, on the services that each of
// them comes to.
type contest struct {
	write       func() (entry uuid.UUID, err error)
	see, delete func(entry uuid.UUID) (Result, error)
}

// round is what one race came to.
type round struct {
	entry               uuid.UUID
	seen, deleted       Result
	seenErr, deletedErr error
}

// race lets the other one see an entry and its author delete it at the same
// moment, in all contests at once.
func (h *house) race(rounds int, contests []contest) []round {
	results := make([]round, rounds)
	var all sync.WaitGroup
	for n, c := range contests {
		all.Go(func() {
			for i := n; i < rounds; i += len(contests) {
				r := &results[i]
				var err error
				if r.entry, err = c.write(); err != nil {
					h.Error(err)
					return
				}
				together(i/len(contests)%2 == 0,
					func() { r.seen, r.seenErr = c.see(r.entry) },
					func() { r.deleted, r.deletedErr = c.delete(r.entry) })
			}
		})
	}
	all.Wait()
	return results
}

// together does both at the same moment. Which of them is told first makes a
// difference where there are few processors, so that it is for the caller to say.
func together(turned bool, one, two func()) {
	if turned {
		one, two = two, one
	}
	var both sync.WaitGroup
	start := make(chan struct{})
	for _, f := range []func(){one, two} {
		both.Go(func() {
			<-start
			f()
		})
	}
	close(start)
	both.Wait()
}

// pairs are contests about messages, each in a channel of its own.
func (h *house) pairs(seers, deleters *Service) []contest {
	contests := make([]contest, 64)
	for c := range contests {
		author, reader := scenario.ID("author "+strconv.Itoa(c)), scenario.ID("reader "+strconv.Itoa(c))
		id := h.connect(author, reader)
		contests[c] = contest{
			write: func() (uuid.UUID, error) {
				sent := h.request(author)
				_, err := seers.connections.Execute(h.Context(), message(id, sent), sent)
				return entityID(sent.Command), err
			},
			see: func(entry uuid.UUID) (Result, error) {
				return seers.connections.Execute(h.Context(), connection.MarkSeen{Connection: id, By: reader, Entries: []uuid.UUID{entry}}, h.request(reader))
			},
			delete: func(entry uuid.UUID) (Result, error) {
				return deleters.connections.Execute(h.Context(), connection.DeleteMessage{Connection: id, Message: entry, By: author}, h.request(author))
			},
		}
	}
	return contests
}

// checkRace compares both answers of every round with what the log has.
func (h *house) checkRace(results []round) {
	h.Helper()
	type fate struct {
		seen, deleted *Result
		decided       domain.Deciding
	}
	fates := map[uuid.UUID]*fate{}
	for e, err := range h.log.ReadAll(h.Context(), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			h.Fatal(err)
		}
		at := &Result{Stream: e.Stream, Revision: e.Revision, Position: e.Position, Events: 1}
		event, err := catalogue.Decode(e.Stream, e.Kind, e.Data)
		if err != nil {
			h.Fatal(err)
		}
		switch event := event.(type) {
		case thread.Sent:
			entry, _ := event.Entry()
			fates[entry] = &fate{}
		case thread.Seen:
			by, entries := event.SeenBy()
			f := fates[entries[0]]
			f.seen, f.decided = at, domain.Deciding{Stream: e.Stream, Revision: int64(e.Revision), By: by}
		case thread.Deleted:
			fates[event.Deleted()].deleted = at
		}
	}
	seenFirst := 0
	for i, r := range results {
		f := fates[r.entry]
		r.seen.Command, r.deleted.Command = uuid.Nil, uuid.Nil
		switch {
		case (f.seen == nil) == (f.deleted == nil):
			h.Fatalf("round %d: seen %v, deleted %v in the log", i, f.seen, f.deleted)
		case f.seen != nil:
			seenFirst++
			refusal, ok := errors.AsType[*domain.Refusal](r.deletedErr)
			if r.seenErr != nil || r.seen != *f.seen || !ok || refusal.Code != "already_seen" || refusal.Decided == nil {
				h.Fatalf("round %d: the log has it seen at %v, answered were %v, %v and %v", i, f.seen, r.seen, r.seenErr, r.deletedErr)
			}
			decided := *refusal.Decided
			if decided.Time.IsZero() {
				h.Fatalf("round %d: the deciding event has no time", i)
			}
			decided.Time = f.decided.Time
			if decided != f.decided {
				h.Fatalf("round %d: decided by %+v, the log has %+v", i, decided, f.decided)
			}
		default:
			if r.deletedErr != nil || r.deleted != *f.deleted || r.seenErr != nil || r.seen.Events != 0 || r.seen.Revision < f.deleted.Revision {
				h.Fatalf("round %d: the log has it deleted at %v, answered were %v, %v and %v, %v", i, f.deleted, r.deleted, r.deletedErr, r.seen, r.seenErr)
			}
		}
	}
	if seenFirst == 0 || seenFirst == len(results) {
		h.Errorf("seen came first %d times of %d: that was no race", seenFirst, len(results))
	}
	h.Logf("seen came first %d times of %d", seenFirst, len(results))
}

// TestP12SeeAgainstDeleteHasOneWinner is the rule that everything is built around.
func TestP12SeeAgainstDeleteHasOneWinner(t *testing.T) {
	t.Run("in one process", func(t *testing.T) {
		h := newHouse(t)
		h.checkRace(h.race(2400, h.pairs(h.Service, h.Service)))
	})
	t.Run("between two processes", func(t *testing.T) {
		h := newHouse(t)
		log := &tampered{Log: h.log}
		h.checkRace(h.race(800, h.pairs(h.service(log, nil), h.service(log, nil))))
		if log.conflicts.Load() == 0 {
			t.Error("no conflict, so that was no race")
		}
		t.Logf("%d conflicts", log.conflicts.Load())
	})
	t.Run("with states thrown out of the cache", func(t *testing.T) {
		h := newHouse(t)
		s := New(h.log, Options{CachedStreams: 1, Logger: quiet})
		h.checkRace(h.race(240, h.pairs(s, s)))
	})
}

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
	"lobby.example/eventlog"
)

// round is what one race came to.
type round struct {
	channel, author, reader uuid.UUID
	message                 uuid.UUID
	seen, deleted           Result
	seenErr, deletedErr     error
}

// race lets the other one see a message and its author delete it at the same
// moment, over several channels at once.
func (h *house) race(rounds int, seers, deleters *Service) []round {
	const channels = 64
	results := make([]round, rounds)
	var all sync.WaitGroup
	for c := range channels {
		author, reader := scenario.ID("author "+strconv.Itoa(c)), scenario.ID("reader "+strconv.Itoa(c))
		id := h.connect(author, reader)
		all.Go(func() {
			for i := c; i < rounds; i += channels {
				sent := h.request(author)
				if _, err := seers.connections.Execute(h.Context(), message(id, sent), sent); err != nil {
					h.Error(err)
					return
				}
				r := &results[i]
				*r = round{channel: id, author: author, reader: reader, message: entityID(sent.Command)}
				var both sync.WaitGroup
				start := make(chan struct{})
				both.Go(func() {
					<-start
					r.seen, r.seenErr = seers.connections.Execute(h.Context(), connection.MarkSeen{Connection: id, By: reader, Entries: []uuid.UUID{r.message}}, h.request(reader))
				})
				both.Go(func() {
					<-start
					r.deleted, r.deletedErr = deleters.connections.Execute(h.Context(), connection.DeleteMessage{Connection: id, Message: r.message, By: author}, h.request(author))
				})
				close(start)
				both.Wait()
			}
		})
	}
	all.Wait()
	return results
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
		case connection.MessageSent:
			fates[event.Message] = &fate{}
		case connection.MessagesSeen:
			f := fates[event.Messages[0]]
			f.seen, f.decided = at, domain.Deciding{Stream: e.Stream, Revision: int64(e.Revision), By: event.By}
		case connection.MessageDeleted:
			fates[event.Message].deleted = at
		}
	}
	seenFirst := 0
	for i, r := range results {
		f := fates[r.message]
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
		h.checkRace(h.race(2400, h.Service, h.Service))
	})
	t.Run("between two processes", func(t *testing.T) {
		h := newHouse(t)
		log := &tampered{Log: h.log}
		h.checkRace(h.race(800, h.service(log, nil), h.service(log, nil)))
		if log.conflicts.Load() == 0 {
			t.Error("no conflict, so that was no race")
		}
		t.Logf("%d conflicts", log.conflicts.Load())
	})
	t.Run("with states thrown out of the cache", func(t *testing.T) {
		h := newHouse(t)
		s := New(h.log, Options{CachedStreams: 1, Logger: quiet})
		h.checkRace(h.race(240, s, s))
	})
}

package projections_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// P09: an event that cannot be digested stops whoever tries, and each says so. An
// owner that has stopped lets others try, whose program may know the event.
func TestP09AnOwnerThatCannotGoOnLetsOthersTry(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	first := h.process(projections.Options{})
	<-first.Serving()
	second := h.process(projections.Options{})
	reader := h.process(projections.Options{Role: projections.Reader})
	h.say("Anna", "Ben", "hello")
	good := h.last
	bad := h.raw(post.Stream(scenario.ID("a post")), "unheard_of", []byte(`{}`))
	for _, r := range []*projections.Runner{first, second} {
		eventually(t, "it has tried", func() bool {
			undigested := (*projections.UndigestedError)(nil)
			return errors.As(r.Status().Failed, &undigested) && undigested.Position == bad
		})
	}
	for _, r := range []*projections.Runner{first, second, reader} {
		reaches(t, r, good)
		if n := unread(t, r, "Ben"); n != 1 {
			t.Errorf("%d unread, want 1: what was served before is served", n)
		}
	}
	eventually(t, "a process that reads notices", func() bool { return reader.Status().Behind > 0 })
}

// A wish to rebuild waits for the ownership, and is forgotten when another process
// has done so meanwhile.
func TestAWishToRebuildIsFulfilledOnceByWhoeverOwnsTheModel(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	first := h.process(projections.Options{})
	<-first.Serving()
	second := h.process(projections.Options{Rebuild: true})
	if s := second.Status(); s.Build.Number != 1 || s.Building {
		t.Errorf("it does not own the model: %+v", s)
	}
	first.Close()
	eventually(t, "it is built anew", func() bool { return second.Status().Build.Number == 2 })

	third := h.process(projections.Options{Rebuild: true})
	if err := second.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new build is read", func() bool { return third.Status().Build.Number == 3 })
	second.Close()
	eventually(t, "the third owns it", owns(third))
	h.say("Anna", "Ben", "hello")
	reaches(t, third, h.last)
	if s := third.Status(); s.Build.Number != 3 || s.Building {
		t.Errorf("%+v", s)
	}
	h.checked(third)
}

// A database loses its last commits in a crash. What was shown of them is not
// taken back without a word, and comes again.
func TestWhatADatabaseHasLostIsRefusedUntilItIsKnown(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	owner := h.process(projections.Options{})
	reaches(t, owner, h.last)
	old := h.last
	reader := h.process(projections.Options{Role: projections.Reader})
	admin := h.admin(t.Context())
	table := h.schema + "_" + messengerVersion + "_b1.readmodel_checkpoint"
	var before readmodel.Checkpoint
	if err := admin.QueryRow(t.Context(), `select position, event from `+table).Scan(&before.Position, &before.Event); err != nil {
		t.Fatal(err)
	}
	h.say("Anna", "Ben", "hello")
	reaches(t, reader, h.last)
	owner.Close()
	if _, err := admin.Exec(t.Context(), `update `+table+` set position = $1, event = $2`, before.Position, before.Event); err != nil {
		t.Fatal(err)
	}
	if err := viewError(reader); !errors.Is(err, readmodel.ErrStale) {
		t.Errorf("it is not there any more: %v, want ErrStale", err)
	}
	if _, err := admin.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lobby follows messenger'`); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the reader knows", func() bool { at, err := reader.Position(); return err == nil && at == old })
	if err := viewError(reader); err != nil {
		t.Error(err)
	}
	again := h.process(projections.Options{})
	reaches(t, reader, h.last)
	h.checked(reader, again)
}

// moved counts how often a process has stepped back because another had written.
type moved struct {
	slog.Handler
	times atomic.Int32
}

func (*moved) Enabled(context.Context, slog.Level) bool { return true }

func (m *moved) Handle(_ context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "this process does not own") {
		r.Attrs(func(a slog.Attr) bool {
			if err, ok := a.Value.Any().(error); ok && errors.Is(err, readmodel.ErrMoved) {
				m.times.Add(1)
			}
			return true
		})
	}
	return nil
}

// Somebody writes who does not own the model: whoever is told that the checkpoint
// has moved steps back, and nobody counts anything twice.
func TestAnOwnerWhoseCheckpointHasMovedStepsBack(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	log := &moved{Handler: slog.DiscardHandler}
	owner := h.process(projections.Options{Logger: slog.New(log)})
	<-owner.Serving()
	rogue := start(t, h.log, alone{h.engine()}, projections.Options{})
	stop := h.chat(100 * time.Microsecond)
	since := time.Now()
	eventually(t, "it has stepped back", func() bool {
		if time.Since(since) > 300*time.Millisecond { // one that was refused waits longer and longer: have another one try
			rogue.Close()
			rogue, since = start(t, h.log, alone{h.engine()}, projections.Options{}), time.Now()
		}
		return log.times.Load() > 0
	})
	n := stop()
	for _, r := range []*projections.Runner{owner, rogue} {
		reaches(t, r, h.last)
		if got := unread(t, r, "Ben"); got != n {
			t.Errorf("%d unread of %d", got, n)
		}
	}
	h.checked(rogue, owner)
}

package projections_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres"
	"lobby.example/readmodel/postgres/pgtest"
	"lobby.example/readmodel/sqlitemodel"
)

// messengerVersion is part of what a version of the model is called in the database.
var messengerVersion = fmt.Sprintf("messenger_v%d", projections.Messenger.Version)

// soon bounds what has to happen within seconds.
const soon = 15 * time.Second

// house is one log and one database, which several processes work on: as many
// engines and runners in this one.
type house struct {
	*world
	url, schema string
}

func newHouse(t testing.TB, url string) *house {
	t.Helper()
	h := &house{world: newWorld(t, openLog(t, filepath.Join(t.TempDir(), "log.sqlite"))), url: url, schema: pgtest.Schema(t)}
	h.register("Anna", "Ben")
	h.connect("Anna", "Ben")
	return h
}

func (h *house) engine() *postgres.Engine {
	h.t.Helper()
	e, err := postgres.Open(h.t.Context(), h.url, postgres.Options{Schema: h.schema, Readers: 3})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { e.Close() })
	return e
}

// process starts a runner with an engine of its own.
func (h *house) process(options projections.Options) *projections.Runner {
	h.t.Helper()
	return start(h.t, h.log, h.engine(), options)
}

// version starts one of a program with another version of the tables.
func (h *house) version(version int) *projections.Runner {
	h.t.Helper()
	r, err := projections.StartVersion(h.t.Context(), version, h.log, h.engine(), projections.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { r.Close() })
	return r
}

// admin runs statements as somebody who is no process of ours.
func (h *house) admin(ctx context.Context) *pgx.Conn {
	h.t.Helper()
	c, err := pgx.Connect(ctx, h.url)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// holder is the connection that owns the model, 0 where none does.
func (h *house) holder(c *pgx.Conn) (pid int) {
	h.t.Helper()
	if err := c.QueryRow(h.t.Context(), `select coalesce(max(pid), 0) from pg_locks
		where locktype = 'advisory' and granted and (classid::bigint << 32) | objid::bigint = hashtextextended($1, 1)`,
		h.schema+"."+messengerVersion).Scan(&pid); err != nil {
		h.t.Fatal(err)
	}
	return pid
}

// cut ends the connection that owns the model, and waits until another does.
func (h *house) cut(c *pgx.Conn) (after time.Duration) {
	h.t.Helper()
	before := h.holder(c)
	var cut bool
	if err := c.QueryRow(h.t.Context(), `select pg_terminate_backend($1)`, before).Scan(&cut); err != nil || !cut {
		h.t.Fatalf("no owner was cut off: %v", err)
	}
	return eventually(h.t, "another connection owns it", func() bool { now := h.holder(c); return now != 0 && now != before })
}

// eventually waits until it is so. What it waits for has no position to wait on.
func eventually(t testing.TB, what string, so func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !so() {
		if time.Since(began) > soon {
			t.Fatalf("not within %s: %s", soon, what)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

func owns(r *projections.Runner) func() bool { return func() bool { return r.Status().Owner } }

// reaches is Wait within a bound.
func reaches(t testing.TB, r *projections.Runner, p eventlog.Position) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	for { // while a build begins to serve
		err := r.Wait(ctx, p)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not at %s: %v; %+v", p, err, r.Status())
		case <-r.Serving():
		}
	}
}

// checked compares what serves with a fresh replay of the log, on the other engine.
func (h *house) checked(runners ...*projections.Runner) {
	h.t.Helper()
	for _, r := range runners {
		if err := r.Close(); err != nil {
			h.t.Error(err)
		}
	}
	fresh, err := sqlitemodel.Open(h.t.TempDir(), sqlitemodel.Options{Readers: 1})
	if err != nil {
		h.t.Fatal(err)
	}
	defer fresh.Close()
	r := served(h.t, h.log, fresh, projections.Options{})
	wait(h.t, r, h.last)
	r.Close()
	if diff := cmp.Diff(dump(h.t, fresh), dump(h.t, h.engine())); diff != "" {
		h.t.Errorf("(-replayed +written by several):\n%s", diff)
	}
}

// chat appends until it is told to stop, and counts. It always stops before the
// test does.
func (h *house) chat(pause time.Duration) (stop func() int) {
	end, n := make(chan struct{}), 0
	var work sync.WaitGroup
	stop = sync.OnceValue(func() int { close(end); work.Wait(); return n })
	h.t.Cleanup(func() { stop() })
	work.Go(func() {
		for {
			select {
			case <-end:
				return
			case <-time.After(pause):
				h.say("Anna", "Ben", "hello")
				n++
			}
		}
	})
	return stop
}

// deaf hears nothing after the first.
type deaf struct{ readmodel.Shared }

func (d deaf) Follow(ctx context.Context, model string) iter.Seq2[readmodel.Commit, error] {
	return func(yield func(readmodel.Commit, error) bool) {
		for c, err := range d.Shared.Follow(ctx, model) {
			if err == nil && !yield(c, nil) {
				return
			}
			break
		}
		<-ctx.Done()
		yield(readmodel.Commit{}, ctx.Err())
	}
}

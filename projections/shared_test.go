package projections_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// A process that does not own the model sees what the owner commits: a wait for a
// position ends, and whoever keeps answers is told before.
func TestAProcessThatDoesNotProjectShowsWhatTheOwnerCommits(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	owner := h.process(projections.Options{})
	<-owner.Serving()
	var mu sync.Mutex
	var told eventlog.Position
	for _, role := range []projections.Role{projections.All, projections.Reader} {
		r := h.process(projections.Options{Role: role, OnCommit: func(c projections.Commit) {
			mu.Lock()
			defer mu.Unlock()
			if told = c.Position; !c.All {
				t.Error("nobody knows what another process has touched")
			}
		}})
		before := unread(t, r, "Ben")
		for i := range 20 {
			h.say("Anna", "Ben", "hello")
			reaches(t, r, h.last)
			mu.Lock()
			if told.Compare(h.last) < 0 {
				t.Errorf("at %s, and told of %s", h.last, told)
			}
			mu.Unlock()
			if n := unread(t, r, "Ben"); n != before+i+1 {
				t.Errorf("%d unread, want %d", n, before+i+1)
			}
		}
		if err := r.Rebuild(t.Context()); !errors.Is(err, projections.ErrNotOwner) {
			t.Errorf("a rebuild by another than the owner: %v", err)
		}
		if s := r.Status(); s.Owner || !s.Ready() || !owner.Status().Owner {
			t.Errorf("%+v beside %+v", s, owner.Status())
		}
		r.Close()
	}
	h.checked(owner)
}

// The owner ends, one way or another, and another goes on within seconds: what
// was accepted counts once.
func TestAnOwnerThatIsGoneIsFollowedByAnother(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	first := h.process(projections.Options{})
	<-first.Serving()
	second := h.process(projections.Options{})
	stop := h.chat(2 * time.Millisecond)
	began := time.Now()
	first.Close()
	eventually(t, "the second owns it", owns(second))
	t.Logf("taken over from an owner that was stopped within %s", time.Since(began))

	third := h.process(projections.Options{})
	admin := h.admin(t.Context())
	for range 3 {
		after := h.cut(admin)
		before, err := h.log.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "one of them projects", func() bool { return second.Status().Owner != third.Status().Owner })
		reaches(t, second, before)
		t.Logf("taken over from an owner that was cut off within %s", after)
	}
	n := stop()
	for _, r := range []*projections.Runner{second, third} {
		reaches(t, r, h.last)
		if got := unread(t, r, "Ben"); got != n {
			t.Errorf("%d unread of %d", got, n)
		}
	}
	h.checked(second, third)
}

// A connection is cut in the middle of a transaction: nothing of it counts, and
// then all of it, once.
func TestAConnectionIsCutInTheMiddleOfATransaction(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	owner := h.process(projections.Options{})
	<-owner.Serving()
	reader := h.process(projections.Options{Role: projections.Reader})
	reaches(t, owner, h.last)
	admin, watcher := h.admin(t.Context()), h.admin(t.Context())
	tx, err := admin.Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), `lock table `+h.schema+"_"+messengerVersion+"_b1.unread in exclusive mode")
	}
	if err != nil {
		t.Fatal(err)
	}
	h.say("Anna", "Ben", "hello")
	before := h.last
	eventually(t, "a transaction is cut", func() bool {
		var cut bool
		if err := watcher.QueryRow(t.Context(), `select count(pg_terminate_backend(pid)) > 0 from pg_stat_activity where $1 = any(pg_blocking_pids(pid))`,
			admin.PgConn().PID()).Scan(&cut); err != nil {
			t.Fatal(err)
		}
		return cut
	})
	if at, err := reader.Position(); err != nil || at.Compare(before) >= 0 {
		t.Errorf("at %s (%v), before %s is committed", at, err, before)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*projections.Runner{owner, reader} {
		reaches(t, r, before)
		if n := unread(t, r, "Ben"); n != 1 {
			t.Errorf("%d unread, want 1", n)
		}
	}
	h.checked(reader, owner)
}

// The database is killed and started again while events come: every process is
// back by itself. What a wait has promised is shown or refused, although commits
// that nobody waited for the disk with may be lost and come again.
func TestADatabaseThatIsKilledComesBackToProcessesThatWait(t *testing.T) {
	server := pgtest.Start(t)
	h := newHouse(t, server.URL())
	first := h.process(projections.Options{})
	<-first.Serving()
	second := h.process(projections.Options{})
	reader := h.process(projections.Options{Role: projections.Reader})
	stop := h.chat(time.Millisecond)
	end := make(chan struct{})
	var work sync.WaitGroup
	for _, r := range []*projections.Runner{first, second, reader} {
		work.Go(func() {
			for ctx := t.Context(); ; {
				select {
				case <-end:
					return
				default:
				}
				head, err := h.log.Head(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
				if r.Wait(short, head) == nil {
					c, err := r.View(short, func(readmodel.Query) error { return nil })
					if at, _ := eventlog.ParsePosition(c.Position); err == nil && at.Compare(head) < 0 {
						t.Errorf("a view at %s after a wait for %s", at, head)
					}
				}
				cancel()
			}
		})
	}
	for range 2 {
		time.Sleep(200 * time.Millisecond) // of load
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		eventually(t, "somebody owns it again", func() bool { return first.Status().Owner != second.Status().Owner })
		t.Logf("owned again %s after the database was back", time.Since(began))
	}
	n := stop()
	close(end)
	work.Wait()
	for _, r := range []*projections.Runner{first, second, reader} {
		reaches(t, r, h.last)
		if got := unread(t, r, "Ben"); got != n {
			t.Errorf("%d unread of %d", got, n)
		}
		if s := r.Status(); !s.Ready() {
			t.Errorf("%+v", s)
		}
	}
	h.checked(first, second, reader)
}

// E02: the model is rebuilt while other processes read it, who see nothing older
// at any time, and a number that is that of the position.
func TestE02ReadersOfOtherProcessesSeeNothingOlderWhileTheOwnerRebuilds(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	owner := h.process(projections.Options{})
	<-owner.Serving()
	reader := h.process(projections.Options{Role: projections.Reader})
	base := h.last.Commit()
	stop := h.chat(time.Millisecond)
	end := make(chan struct{})
	var work sync.WaitGroup
	for range 2 {
		work.Go(func() {
			var before eventlog.Position
			for reads := 0; ; reads++ {
				select {
				case <-end:
					if reads == 0 {
						t.Error("nothing was read")
					}
					return
				default:
				}
				known, err := reader.Position()
				if err != nil {
					t.Error(err)
					return
				}
				var n int
				c, err := reader.View(t.Context(), func(q readmodel.Query) error {
					_, err := q.Row(t.Context(), `select count(*) from unread`, []any{&n})
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				at := parse(t, c)
				if at.Compare(before) < 0 || at.Compare(known) < 0 {
					t.Errorf("a view at %s after one at %s, where %s was known", at, before, known)
				}
				if uint64(n) != at.Commit()-base {
					t.Errorf("%d unread at %s, want %d", n, at, at.Commit()-base)
				}
				before = at
			}
		})
	}
	for range 3 {
		if err := owner.Rebuild(t.Context()); err != nil {
			t.Error(err)
		}
		eventually(t, "the reader reads the new build", func() bool { return reader.Status().Build == owner.Status().Build })
	}
	close(end)
	work.Wait()
	stop()
	reaches(t, reader, h.last)
	if got := reader.Status().Build; got.Number != 4 {
		t.Errorf("after three rebuilds: %v", got)
	}
	h.checked(reader, owner)
}

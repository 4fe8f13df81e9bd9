package projections_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// E04: a wait ends when the position is visible, not before and not later, or
// with its context.
func TestE04AWaitEndsExactlyWhenThePositionIsVisible(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			log := openLog(t, filepath.Join(dir, "log.sqlite"))
			w := newWorld(t, log)
			w.register("Anna", "Ben")
			w.connect("Anna", "Ben")
			gate := make(chan struct{}, 1)
			gate <- struct{}{}
			var told eventlog.Position
			engine := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "models")), apply: func(_ readmodel.Build, _ readmodel.Store, apply func() error) error {
				<-gate
				defer func() { gate <- struct{}{} }()
				return apply()
			}}
			r := served(t, log, engine, projections.Options{OnCommit: func(c projections.Commit) { told = c.Position }})
			wait(t, r, w.last)

			<-gate // nothing is written
			w.send("Anna", "Ben", "one")
			w.send("Anna", "Ben", "two")
			done := make(chan error, 1)
			go func() {
				err := r.Wait(t.Context(), w.last)
				if told != w.last {
					t.Errorf("the wait for %s went on before OnCommit was told: %s", w.last, told)
				}
				done <- err
			}()
			synctest.Wait()
			select {
			case err := <-done:
				t.Fatalf("the wait ended (%v) while nothing was written", err)
			default:
			}
			bounded, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := r.Wait(bounded, w.last); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a wait that is bounded: %v", err)
			}
			gate <- struct{}{}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if n := unread(t, r, "Ben"); n != 2 {
				t.Errorf("%d unread at a position that shows 2", n)
			}

			never, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			go func() { done <- r.Wait(never, eventlog.NewIdentity("another").At(1000, 1000)) }()
			synctest.Wait()
			r.Close()
			if err := <-done; !errors.Is(err, readmodel.ErrClosed) {
				t.Errorf("a wait on a runner that was closed: %v, want ErrClosed", err)
			}
			engine.Close()
			log.Close()
		})
	})
}

// What fails and may pass is tried again, in pauses that grow to a few seconds,
// and nothing counts twice, whether the failed write was written or not.
func TestAFailingWriteIsTriedAgainAndHeals(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		full := errors.New("no space left on device")
		for name, fail := range map[string]func(s readmodel.Store, apply func() error) error{
			"nothing written":      func(readmodel.Store, func() error) error { return full },
			"written all the same": func(_ readmodel.Store, apply func() error) error { return errors.Join(full, apply()) },
		} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					log := openLog(t, filepath.Join(dir, "log.sqlite"))
					w := newWorld(t, log)
					w.register("Anna", "Ben")
					w.connect("Anna", "Ben")
					var attempts []time.Time
					broken := false
					var all atomic.Bool
					engine := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "models")), apply: func(_ readmodel.Build, s readmodel.Store, apply func() error) error {
						if !broken || len(attempts) == 12 {
							return apply()
						}
						attempts = append(attempts, time.Now())
						return fail(s, apply)
					}}
					r := served(t, log, engine, projections.Options{OnCommit: func(c projections.Commit) {
						if c.All {
							all.Store(true)
						}
					}})
					wait(t, r, w.last)
					all.Store(false)
					broken = true
					w.send("Anna", "Ben", "one")
					synctest.Wait()
					w.send("Anna", "Ben", "two")
					if name == "nothing written" {
						time.Sleep(time.Second)
						if s := r.Status(); s.Behind < 0.9 || s.Failed != nil {
							t.Errorf("while it fails: %+v", s)
						}
					}
					wait(t, r, w.last)
					synctest.Wait()
					if s := r.Status(); !s.Ready() || s.Behind != 0 {
						t.Errorf("after it healed: %+v", s)
					}
					if n := unread(t, r, "Ben"); n != 2 {
						t.Errorf("%d unread, want 2", n)
					}
					if name == "written all the same" && !all.Load() {
						t.Error("rows changed and nobody was told which")
					}
					for i := 2; i < len(attempts); i++ {
						if d := attempts[i].Sub(attempts[i-1]); d > 8*time.Second || d < 5*time.Millisecond {
							t.Errorf("E05: %s between attempts", d)
						}
					}
					r.Close()
					if diff := cmp.Diff(replayed(t, log), dump(t, engine)); diff != "" {
						t.Errorf("(-replayed +healed):\n%s", diff)
					}
					engine.Close()
					log.Close()
				})
			})
		}
	})
}

// A build that fails while it is filled is dropped, since its store is closed by
// then, and another one is begun.
func TestABuildThatFailsWhileItIsFilledIsBegunAnew(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		w.send("Anna", "Ben", "one")
		var failures atomic.Int32
		engine := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "models")), apply: func(_ readmodel.Build, s readmodel.Store, apply func() error) error {
			if failures.Add(1) <= 3 {
				return errors.Join(errors.New("no space left on device"), s.Close())
			}
			return apply()
		}}
		r := served(t, log, engine, projections.Options{})
		wait(t, r, w.last)
		builds, err := engine.Builds(t.Context(), projections.Messenger.Name)
		if err != nil || len(builds) != 1 || builds[0] != r.Status().Build {
			t.Errorf("builds %v (%v), and %v serves", builds, err, r.Status().Build)
		}
		if s := r.Status(); !s.Ready() || failures.Load() < 4 {
			t.Errorf("%+v", s)
		}
	})
}

// A model that is never idle is not behind: what counts is how long something has
// waited, not how long it is that nothing waited.
func TestAModelUnderLastingLoadIsNotStale(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			log := openLog(t, filepath.Join(dir, "log.sqlite"))
			w := newWorld(t, log)
			w.register("Anna", "Ben")
			w.connect("Anna", "Ben")
			slow := false
			engine := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "models")), apply: func(_ readmodel.Build, _ readmodel.Store, apply func() error) error {
				if slow {
					time.Sleep(time.Second)
				}
				return apply()
			}}
			r := served(t, log, engine, projections.Options{})
			wait(t, r, w.last)
			slow = true
			idle := 0
			for range 300 { // 90 seconds, and always something to write
				w.say("Anna", "Ben", "again")
				time.Sleep(300 * time.Millisecond)
				s := r.Status()
				if s.Behind > 3 {
					t.Fatalf("%.1f s behind, where nothing waits for longer than two writes", s.Behind)
				}
				if s.Behind == 0 {
					idle++
				}
				if err := viewError(r); err != nil {
					t.Fatal(err)
				}
			}
			if idle > 100 {
				t.Errorf("%d of 300 times nothing waited: that was no lasting load", idle)
			}
			r.Close()
			engine.Close()
			log.Close()
		})
	})
}

// P13: a program that comes back to a log with old events that it has not
// projected does not answer as if it knew about rights.
func TestP13AModelThatMissedOldEventsIsStaleUntilItHasThem(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		engine := openEngine(t, filepath.Join(dir, "models"))
		served(t, log, engine, projections.Options{}).Close()
		w.send("Anna", "Ben", "one")

		gate := make(chan struct{})
		hooked := &hookedEngine{Engine: engine, apply: func(_ readmodel.Build, _ readmodel.Store, apply func() error) error {
			<-gate
			return apply()
		}}
		r := start(t, agedLog{log, time.Hour}, hooked, projections.Options{})
		if err := viewError(r); !errors.Is(err, readmodel.ErrStale) {
			t.Errorf("one hour behind: %v, want ErrStale", err)
		}
		if s := r.Status(); s.Behind < 3600 || s.Ready() {
			t.Errorf("one hour behind: %+v", s)
		}
		close(gate)
		wait(t, r, w.last)
		if err := viewError(r); err != nil {
			t.Errorf("after it has caught up: %v", err)
		}
	})
}

// Two runners on one build, as by mistake: one is told that the checkpoint has
// moved, and nobody counts anything twice.
func TestTwoRunnersOnOneBuildCountNothingTwice(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		var moved atomic.Int32
		hook := func(_ readmodel.Build, _ readmodel.Store, apply func() error) error {
			err := apply()
			if errors.Is(err, readmodel.ErrMoved) {
				moved.Add(1)
			}
			return err
		}
		first := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "models")), apply: hook}
		second := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "models")), apply: hook}
		a := served(t, log, first, projections.Options{})
		b := served(t, log, second, projections.Options{})
		for range 60 {
			w.say("Anna", "Ben", "hello")
		}
		var both sync.WaitGroup
		for _, r := range []*projections.Runner{a, b} {
			both.Go(func() {
				wait(t, r, w.last)
				if n := unread(t, r, "Ben"); n != 60 {
					t.Errorf("%d unread, want 60", n)
				}
			})
		}
		both.Wait()
		if moved.Load() == 0 {
			t.Error("nobody met the other: this test proves nothing")
		}
		a.Close()
		b.Close()
		if diff := cmp.Diff(replayed(t, log), dump(t, first)); diff != "" {
			t.Errorf("(-replayed +written by two):\n%s", diff)
		}
	})
}

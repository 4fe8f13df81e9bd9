package projections_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// files lists what is in a directory of models.
func parse(t testing.TB, c readmodel.Checkpoint) (p eventlog.Position) {
	t.Helper()
	p, err := eventlog.ParsePosition(c.Position)
	if err != nil {
		t.Error(err)
	}
	return p
}

// E02: the log goes on while the model is rebuilt beside itself, and at no time
// does anybody see less than before, or a number that is not that of the position.
func TestE02ARebuildBesideTheLiveOneShowsNothingOlder(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		models := filepath.Join(dir, "models")
		engine := openEngine(t, models)
		var told eventlog.Position // under the runner's own order
		var mu sync.Mutex
		r := served(t, log, engine, projections.Options{OnCommit: func(c projections.Commit) {
			mu.Lock()
			defer mu.Unlock()
			told = c.Position
		}})
		base := w.last.Commit() // what comes after it is messages and comments only, each for one person
		anna, ben, seq := scenario.ID("Anna"), scenario.ID("Ben"), 0
		speak := func() {
			switch seq++; seq % 3 {
			case 0:
				w.say("Anna", "Ben", "hello")
			case 1:
				w.tell(post.Stream(scenario.ID("a post")), post.CommentAdded{Landlord: anna, Comment: w.id(), By: ben, Text: "hello"})
			case 2:
				w.tell(maintenance.Stream(scenario.ID("a request")), maintenance.MessageSent{Message: w.id(), From: anna, To: []uuid.UUID{ben}, Text: "hello"})
			}
		}

		stop, cancel := context.WithCancel(t.Context())
		var work sync.WaitGroup
		work.Go(func() {
			for stop.Err() == nil {
				speak()
				wait(t, r, w.last)
			}
		})
		for range 2 {
			work.Go(func() {
				var before eventlog.Position
				for stop.Err() == nil {
					mu.Lock()
					known := told
					mu.Unlock()
					var n int
					c, err := r.View(t.Context(), func(q readmodel.Query) error {
						_, err := q.Row(t.Context(), `select count(*) from unread`, []any{&n})
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
					at := parse(t, c)
					if at.Compare(before) < 0 || at.Compare(known) < 0 {
						t.Errorf("a view at %s after one at %s, where %s was told", at, before, known)
					}
					if uint64(n) != at.Commit()-base {
						t.Errorf("%d unread at %s, want %d", n, at, at.Commit()-base)
					}
					before = at
				}
			})
		}
		for i := range 4 {
			if err := r.Rebuild(t.Context()); err != nil {
				t.Error(err)
			}
			if s := r.Status(); s.Build.Number != i+2 || s.Building || s.Failed != nil {
				t.Errorf("after rebuild %d: %+v", i+1, s)
			}
		}
		cancel()
		work.Wait()
		serving := r.Status().Build
		builds, err := engine.Builds(t.Context(), projections.Messenger.Name)
		if err != nil || len(builds) != 1 || builds[0] != serving {
			t.Errorf("builds %v (%v) where %v serves", builds, err, serving)
		}
		r.Close()

		again := served(t, log, engine, projections.Options{})
		if got := again.Status().Build; got != serving {
			t.Errorf("after a restart %v serves, not %v", got, serving)
		}
		wait(t, again, w.last)
		again.Close()
		if diff := cmp.Diff(replayed(t, log), dump(t, engine)); diff != "" {
			t.Errorf("(-replayed +rebuilt):\n%s", diff)
		}
	})
}

// filling holds back the writes of one build until the test lets them go.
type filling struct {
	number  int
	reached chan struct{} // closed at its first write
	gate    chan struct{}
	once    sync.Once
}

func holdBack(number int) *filling {
	return &filling{number: number, reached: make(chan struct{}), gate: make(chan struct{})}
}

func (f *filling) apply(b readmodel.Build, _ readmodel.Store, apply func() error) error {
	if b.Number == f.number && b.Version == projections.Messenger.Version {
		f.once.Do(func() { close(f.reached) })
		<-f.gate
	}
	return apply()
}

// A rebuild that is given up leaves the old build as it was, with one writer and
// everybody who waits for it.
func TestARebuildThatIsGivenUpLeavesTheOldOneServing(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		models := filepath.Join(dir, "models")
		second := holdBack(2)
		engine := &hookedEngine{Engine: openEngine(t, models), apply: func(b readmodel.Build, s readmodel.Store, apply func() error) error {
			err := second.apply(b, s, apply)
			if errors.Is(err, readmodel.ErrMoved) {
				t.Error("the old build has two writers")
			}
			return err
		}}
		r := served(t, log, engine, projections.Options{})
		ctx, giveUp := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Rebuild(ctx) }()
		<-second.reached
		if s := r.Status(); !s.Ready() || !s.Building || s.Progress >= 1 {
			t.Errorf("while it is built: %+v", s)
		}
		giveUp()
		close(second.gate)
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if s := r.Status(); !s.Ready() || s.Building || s.Build.Number != 1 {
			t.Errorf("after it was given up: %+v", s)
		}
		for range 20 {
			w.say("Anna", "Ben", "hello")
		}
		wait(t, r, w.last)
		if n := unread(t, r, "Ben"); n != 20 {
			t.Errorf("%d unread, want 20", n)
		}
		if builds, err := engine.Builds(t.Context(), projections.Messenger.Name); err != nil || len(builds) != 1 {
			t.Errorf("debris: %v, %v", builds, err)
		}
	})
}

// It is given up while it catches up with the old one, which is still at work.
func TestASwitchThatIsGivenUpLeavesTheOldOneItsOnlyWriter(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		var r *projections.Runner
		var filled atomic.Bool
		reached, gate := make(chan struct{}), make(chan struct{})
		engine := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "models"))}
		engine.apply = func(b readmodel.Build, _ readmodel.Store, apply func() error) error {
			if b.Number == 2 && filled.CompareAndSwap(true, false) {
				close(reached)
				<-gate
			}
			err := apply()
			if errors.Is(err, readmodel.ErrMoved) {
				t.Error("the old build has two writers")
			}
			return err
		}
		r = served(t, log, engine, projections.Options{})
		engine.finished = func() { // there is something to catch up with
			w.say("Anna", "Ben", "hello")
			wait(t, r, w.last)
			filled.Store(true)
		}
		ctx, giveUp := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Rebuild(ctx) }()
		<-reached
		giveUp()
		close(gate)
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		for range 30 {
			w.say("Anna", "Ben", "hello")
			wait(t, r, w.last)
		}
		if s := r.Status(); !s.Ready() || s.Build.Number != 1 || unread(t, r, "Ben") != 31 {
			t.Errorf("%+v, %d unread", s, unread(t, r, "Ben"))
		}
	})
}

// The switch fails at the last moment: the old build, which stood still for it,
// goes on, and so does whoever was waiting for it.
func TestASwitchThatFailsLetsTheOldOneGoOn(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		engine := &unservable{Engine: openEngine(t, filepath.Join(dir, "models"))}
		r := served(t, log, engine, projections.Options{})
		waited := make(chan error, 1)
		engine.before = func() error {
			w.say("Anna", "Ben", "while the old one stands still")
			go func() { waited <- r.Wait(t.Context(), w.last) }()
			return errors.New("the directory is read-only")
		}
		if err := r.Rebuild(t.Context()); err == nil || !strings.Contains(err.Error(), "read-only") {
			t.Fatal(err)
		}
		if err := <-waited; err != nil {
			t.Fatal(err)
		}
		w.say("Anna", "Ben", "afterwards")
		wait(t, r, w.last)
		if s := r.Status(); !s.Ready() || s.Build.Number != 1 || unread(t, r, "Ben") != 2 {
			t.Errorf("%+v, %d unread", s, unread(t, r, "Ben"))
		}
	})
}

// What goes wrong after the switch does not take the new build away again.
func TestAnOldBuildThatCannotBeDroppedIsLeftForTheNextStart(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		inner := openEngine(t, filepath.Join(dir, "models"))
		r := served(t, log, &unservable{Engine: inner, drop: errors.New("permission denied")}, projections.Options{})
		if err := r.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.send("Anna", "Ben", "one")
		wait(t, r, w.last)
		if s := r.Status(); s.Build.Number != 2 || unread(t, r, "Ben") != 1 {
			t.Errorf("%+v", s)
		}
		r.Close()
		served(t, log, inner, projections.Options{}).Close()
		if builds, err := inner.Builds(t.Context(), projections.Messenger.Name); err != nil || len(builds) != 1 || builds[0].Number != 2 {
			t.Errorf("builds %v, %v", builds, err)
		}
	})
}

package projections_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// A crash in the middle of a rebuild is a directory as it is at that moment.
func TestACrashInTheMiddleOfARebuildLeavesTheOldOneServing(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		w.send("Anna", "Ben", "one")
		models, crashed := filepath.Join(dir, "models"), filepath.Join(dir, "crashed")
		second := holdBack(2)
		r := served(t, log, &hookedEngine{Engine: openEngine(t, models), apply: second.apply}, projections.Options{})
		done := make(chan error, 1)
		go func() { done <- r.Rebuild(t.Context()) }()
		<-second.reached
		engines.Copy(t, models, crashed)
		close(second.gate)
		if err := <-done; err != nil {
			t.Fatal(err)
		}

		engine := openEngine(t, crashed)
		if builds, err := engine.Builds(t.Context(), projections.Messenger.Name); err != nil || len(builds) != 2 {
			t.Fatalf("nothing of the second build was there to crash: %v, %v", builds, err)
		}
		again := start(t, log, engine, projections.Options{})
		if s := again.Status(); s.Build.Number != 1 {
			t.Errorf("after the crash: %+v", s)
		}
		wait(t, again, w.last)
		if n := unread(t, again, "Ben"); n != 1 {
			t.Errorf("%d unread after the crash, want 1", n)
		}
		if builds, err := engine.Builds(t.Context(), projections.Messenger.Name); err != nil || len(builds) != 1 {
			t.Errorf("debris after the next start: %v, %v", builds, err)
		}
	})
}

// A model of another version is not read: there is nothing to read until the new
// one is built, and then the other goes.
func TestAModelOfAnotherVersionIsBuiltAnew(t *testing.T) {
	projections.TidyEvery(t, 10*time.Millisecond)
	engines.Each(t, func(t *testing.T) {
		for _, version := range []int{projections.Messenger.Version - 1, projections.Messenger.Version + 1} {
			dir := t.TempDir()
			log := openLog(t, filepath.Join(dir, "log.sqlite"))
			w := newWorld(t, log)
			w.register("Anna", "Ben")
			w.connect("Anna", "Ben")
			w.send("Anna", "Ben", "one")
			inner := openEngine(t, filepath.Join(dir, "models"))
			other := projections.Messenger
			other.Version = version
			build, store, err := inner.Create(t.Context(), other)
			if err == nil {
				err = errors.Join(store.Finish(t.Context()), store.Close(), inner.Serve(t.Context(), other.Name, build))
			}
			if err != nil {
				t.Fatal(err)
			}
			first := holdBack(1)
			r := start(t, log, &hookedEngine{Engine: inner, apply: first.apply}, projections.Options{})
			<-first.reached
			for name, err := range map[string]error{"View": viewError(r), "Position": positionError(r), "Wait": r.Wait(t.Context(), w.last)} {
				if !errors.Is(err, readmodel.ErrRebuilding) || !strings.Contains(err.Error(), "0 %") {
					t.Errorf("%s while there is none of this version: %v, want ErrRebuilding with progress", name, err)
				}
			}
			if s := r.Status(); s.Ready() || !s.Building || s.Failed != nil {
				t.Errorf("%+v", s)
			}
			close(first.gate)
			<-r.Serving()
			wait(t, r, w.last)
			if s := r.Status(); !s.Ready() || s.Build != (readmodel.Build{Version: projections.Messenger.Version, Number: 1}) || unread(t, r, "Ben") != 1 {
				t.Errorf("%+v", s)
			}
			r.Close()
			r = served(t, log, inner, projections.Options{})
			eventually(t, "the other goes", func() bool {
				builds, err := inner.Builds(t.Context(), other.Name)
				return err == nil && len(builds) == 1 && builds[0] == r.Status().Build
			})
			r.Close()
		}
	})
}

// Read models can always be made again: one that is gone is no reason not to start.
func TestABuildThatIsGoneIsBuiltAnew(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		models := filepath.Join(dir, "models")
		engine := openEngine(t, models)
		served(t, log, engine, projections.Options{}).Close()
		engines.Lose(t, models)
		r := served(t, log, engine, projections.Options{})
		wait(t, r, w.last)
		if s := r.Status(); !s.Ready() {
			t.Errorf("%+v", s)
		}
	})
}

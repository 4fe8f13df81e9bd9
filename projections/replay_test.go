package projections_test

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// P07: however the log is cut into batches, whether it comes live or all at once,
// wherever the program was stopped and started again, and whatever comes twice
// since it was not written or nobody knew that it was, the rows are the same.
func TestP07AReplayGivesEqualRowsHoweverBatchesAreCut(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		engines.Fewer(t, 2)
		rapid.Check(t, func(rt *rapid.T) {
			dir := t.TempDir()
			log := openLog(t, filepath.Join(dir, "log.sqlite"))
			defer log.Close()
			random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
			cuts := map[string]func() int{
				"one at a time":  func() int { return 1 },
				"at random":      func() int { return 1 + random.IntN(20) },
				"all that there": func() int { return 1 << 20 },
			}

			// Live, while the log is written.
			live := openEngine(t, filepath.Join(dir, "live"))
			defer live.Close()
			r := served(t, log, live, projections.Options{})
			w := newWorld(t, log)
			newPlay(rt, w).commands(rapid.IntRange(5, 80).Draw(rt, "commands"))
			wait(t, r, w.last)
			if err := r.Close(); err != nil {
				rt.Fatal(err)
			}
			want := dump(t, live)

			// From nothing, beside what is there.
			r = start(t, log, live, projections.Options{})
			if err := r.Rebuild(t.Context()); err != nil {
				rt.Fatal(err)
			}
			if err := r.Close(); err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(want, dump(t, live)); diff != "" {
				rt.Fatalf("rebuilt (-live +rebuilt):\n%s", diff)
			}

			for name, size := range cuts {
				e := openEngine(t, filepath.Join(dir, name))
				r := served(t, cutLog{log, size}, e, projections.Options{})
				wait(t, r, w.last)
				if err := r.Close(); err != nil {
					rt.Fatal(err)
				}
				if diff := cmp.Diff(want, dump(t, e)); diff != "" {
					rt.Fatalf("cut %s (-live +replayed):\n%s", name, diff)
				}
				e.Close()
			}

			// Stopped and started again: what a runner finds is a checkpoint in the middle,
			// since it is only shown the log up to there. Now and then its first write fails,
			// before it is done or after, and then comes again what came already.
			at := eventlog.Position{}
			const before, after = 1, 2
			var fail atomic.Int32
			e := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "restarted")), apply: func(_ readmodel.Build, _ readmodel.Store, apply func() error) error {
				how := fail.Swap(0)
				if how != before {
					if err := apply(); err != nil {
						return err
					}
				}
				if how == before || how == after {
					return errors.New("the disk was away for a moment")
				}
				return nil
			}}
			defer e.Close()
			for at != w.last {
				until := at
				for recorded, err := range log.ReadAll(t.Context(), at, eventlog.Forward, 1+random.IntN(40)) {
					if err != nil {
						rt.Fatal(err)
					}
					until = recorded.Position
				}
				if at != (eventlog.Position{}) { // a build that is only filled would be begun anew
					fail.Store(random.Int32N(4))
				}
				r := served(t, untilLog{cutLog{log, cuts["at random"]}, until}, e, projections.Options{})
				wait(t, r, until)
				if got := r.Status().Position; got != until {
					rt.Fatalf("stopped at %s, not %s", got, until)
				}
				if err := r.Close(); err != nil {
					rt.Fatal(err)
				}
				at = until
			}
			if diff := cmp.Diff(want, dump(t, e)); diff != "" {
				rt.Fatalf("stopped and started (-live +restarted):\n%s", diff)
			}
		})
	})
}

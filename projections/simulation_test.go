package projections_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lobby.example/projections"
)

var (
	seeds   = flag.Uint64("simulation.seeds", 0, "how many seeds TestSimulation runs; 0 stands for 500, and fewer under the race detector")
	oneSeed = flag.Uint64("simulation.seed", 0, "the one seed that TestSimulation runs and tells of; 0 stands for many")
)

// TestSimulation has the real Runner on a log and an engine in memory, in a time of
// its own, and everything happens to them that a seed draws: processes are killed
// between reading, writing and being told, or with the last transactions lost;
// subscriptions break off, come late, and hand over what they handed over before;
// two processes own one build; the disk is full; the log is restored from an older
// copy, under running processes too; an event comes that the older version cannot
// digest; builds are made anew while people write. The oracle is in history: every
// transaction of every build, and all that is shown, has the rows of a fresh replay
// up to its checkpoint, nothing shown or told goes back, and in the end everything
// is there, without a start where none should be needed.
func TestSimulation(t *testing.T) {
	projections.WithTable(t, counted, countSome)
	projections.WithJitter(t, byClock)
	if *oneSeed > 0 {
		wrong, trace := simulate(t, *oneSeed)
		t.Log(tell(trace))
		if len(wrong) > 0 {
			t.Error(strings.Join(wrong, "\n"))
		}
		return
	}
	n := *seeds
	if n == 0 {
		n = 500
		if build, ok := debug.ReadBuildInfo(); ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
			n = 40
		}
	}
	began := time.Now()
	var next, ran atomic.Uint64
	var failed atomic.Bool
	t.Run("seeds", func(t *testing.T) {
		for w := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				for seed := next.Add(1); seed <= n && !failed.Load(); seed = next.Add(1) {
					wrong, trace := simulate(t, seed)
					ran.Add(1)
					if len(wrong) > 0 && failed.CompareAndSwap(false, true) {
						t.Errorf("seed %d of %d went wrong:\n%s\nwhat happened, in seconds:\n%s\n%d things were wrong, of which this is the first: %s\nto run it again: make nightly SEED=%d",
							seed, n, wrong[0], tell(trace), len(wrong), firstLine(wrong[0]), seed)
					}
				}
			})
		}
	})
	t.Logf("%d seeds in %s", ran.Load(), time.Since(began).Round(time.Millisecond))
}

// byClock draws what comes out the same where the time is the same.
func byClock(n time.Duration) time.Duration {
	h := fnv.New64a()
	fmt.Fprint(h, time.Now().UnixNano())
	return time.Duration(h.Sum64() % uint64(n))
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}

func tell(trace []string) string { return strings.Join(trace, "\n") }

// A seed is worth something as long as it is the same run every time.
func TestASeedIsOneRun(t *testing.T) {
	projections.WithTable(t, counted, countSome)
	projections.WithJitter(t, byClock)
	for seed := range uint64(20) {
		_, first := simulate(t, seed+1)
		_, second := simulate(t, seed+1)
		slices.Sort(first) // within one moment they may come in any order
		slices.Sort(second)
		if d := cmp.Diff(first, second); d != "" {
			t.Errorf("seed %d is two runs (-first +second):\n%s", seed+1, d)
		}
	}
}

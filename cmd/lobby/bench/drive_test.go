package bench

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestDriveCountsAndTimesEveryOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := func() error { time.Sleep(10 * time.Millisecond); return nil }
		s, err := drive(t.Context(), []operation{op, op}, time.Second)
		if err != nil || len(s.took) != 200 || s.rate() != 200 {
			t.Errorf("%d operations, %v/s, %v; want 200", len(s.took), s.rate(), err)
		}
		if slices.Max(s.took) != 10*time.Millisecond {
			t.Errorf("one took %s", slices.Max(s.took))
		}
	})
}

func TestDriveEndsWithTheFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := errors.New("wrong")
		var n atomic.Int64
		op := func() error {
			time.Sleep(time.Millisecond)
			if n.Add(1) == 5 {
				return wrong
			}
			return nil
		}
		if _, err := drive(t.Context(), []operation{op, op}, time.Hour); !errors.Is(err, wrong) {
			t.Errorf("ended with %v", err)
		}
		if n.Load() > 7 {
			t.Errorf("went on for %d operations", n.Load())
		}
	})
}

func TestPaceKeepsItsRateAndCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		op := func() error {
			if n.Add(1) == 10 {
				time.Sleep(500 * time.Millisecond) // late for a while
			}
			return nil
		}
		p := pace(t.Context(), []operation{op, op, op, op}, 100)
		time.Sleep(9999 * time.Millisecond)
		rate, err := p.stop()
		if err != nil || rate < 99 || rate > 101 {
			t.Errorf("%v/s, %v; want 100", rate, err)
		}
	})
}

func TestPaceTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		at := map[time.Duration]int{}
		began := time.Now()
		op := func() error {
			mu.Lock()
			defer mu.Unlock()
			at[time.Since(began)]++
			return nil
		}
		p := pace(t.Context(), []operation{op, op, op, op}, 100)
		time.Sleep(time.Second - time.Millisecond)
		if _, err := p.stop(); err != nil || len(at) != 100 {
			t.Errorf("100 operations came at %d moments, %v", len(at), err)
		}
	})
}

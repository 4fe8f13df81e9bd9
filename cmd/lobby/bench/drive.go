package bench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// operation is one request with its answer checked.
type operation func() error

// sample is what driving measured.
type sample struct {
	took    []time.Duration // of each operation, sorted
	elapsed time.Duration
	server  time.Duration // processor time of the server
	own     time.Duration // and of the generator
	peak    int64         // bytes of the server
	written int64         // and those that it gave to files and connections
	others  float64       // processors that were busy with neither
	known   bool          // the five above are
}

func (s sample) rate() float64 { return float64(len(s.took)) / s.elapsed.Seconds() }

// each is the part of a time that falls on one operation, in seconds.
func (s sample) each(d time.Duration) float64 { return d.Seconds() / float64(len(s.took)) }

// drive runs each operation over and over, all of them at once, one after the
// other by itself, and each of them once at least, on however busy a machine. The
// first error ends it.
func drive(ctx context.Context, operations []operation, d time.Duration) (sample, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	took := make([][]time.Duration, len(operations))
	var workers sync.WaitGroup
	began := time.Now()
	for i, op := range operations {
		took[i] = make([]time.Duration, 0, 1<<14)
		workers.Go(func() {
			for at := time.Now(); (at.Sub(began) < d || len(took[i]) == 0) && ctx.Err() == nil; {
				if err := op(); err != nil {
					cancel(err)
					return
				}
				now := time.Now()
				took[i] = append(took[i], now.Sub(at))
				at = now
			}
		})
	}
	workers.Wait()
	s := sample{took: slices.Concat(took...), elapsed: time.Since(began)}
	if err := context.Cause(ctx); err != nil {
		return s, err
	}
	if len(s.took) == 0 {
		return s, errors.New("nothing was asked")
	}
	slices.Sort(s.took)
	return s, nil
}

// paced is a load of so many operations a second in the background.
type paced struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	began  time.Time
	count  atomic.Int64
	failed atomic.Pointer[error]
}

// pace shares the rate among the operations, which take turns. One that is late
// goes on without a pause until it is on time again.
func pace(ctx context.Context, operations []operation, rate float64) *paced {
	ctx, cancel := context.WithCancel(ctx)
	p := &paced{cancel: cancel, began: time.Now()}
	every := time.Duration(float64(len(operations)) / rate * float64(time.Second))
	for i, op := range operations {
		p.done.Go(func() {
			turn := every * time.Duration(i) / time.Duration(len(operations))
			timer := time.NewTimer(turn)
			defer timer.Stop()
			for next := p.began.Add(turn); ; {
				select {
				case <-timer.C:
				case <-ctx.Done():
					return
				}
				if err := op(); err != nil {
					p.failed.CompareAndSwap(nil, &err)
					return
				}
				p.count.Add(1)
				next = next.Add(every)
				timer.Reset(time.Until(next))
			}
		})
	}
	return p
}

// stop ends the load and tells the rate that it had.
func (p *paced) stop() (float64, error) {
	elapsed := time.Since(p.began)
	p.cancel()
	p.done.Wait()
	if err := p.failed.Load(); err != nil {
		return 0, *err
	}
	return float64(p.count.Load()) / elapsed.Seconds(), nil
}

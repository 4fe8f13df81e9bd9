package projections_test

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"lobby.example/eventlog"
)

// What a process of a simulation sees of the log: all that it promises, at any
// time or late, and not always at the first attempt.

var (
	errDead = errors.New("the process is dead")
	errLost = errors.New("the connection to the log is lost")
	errFull = errors.New("no space left on device")
	errDark = errors.New("nobody knows whether it was written")
)

// faultyLog is the log as one process has it.
type faultyLog struct {
	*memoryLog
	p *process
}

// pause lets others go first. Every look at the log or the disk comes after one, so
// no two happen at the same moment, and a run is the same every time.
func (p *process) pause(ctx context.Context, src *rand.Rand) error {
	d := time.Duration(1 + src.IntN(int(2*time.Millisecond)))
	if !p.s.calm() {
		switch src.IntN(40) {
		case 0:
			d = time.Duration(src.IntN(int(5 * time.Second)))
		case 1, 2:
			d = time.Duration(src.IntN(int(200 * time.Millisecond)))
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-p.dead:
	}
	if p.isDead() {
		return errDead
	}
	return ctx.Err()
}

// fails pauses, and now and then fails.
func (p *process) fails(ctx context.Context, src *rand.Rand, with error) error {
	if err := p.pause(ctx, src); err != nil {
		return err
	}
	if !p.s.calm() && src.IntN(25) == 0 {
		return with
	}
	return nil
}

func (l faultyLog) Head(ctx context.Context) (eventlog.Position, error) {
	if err := l.p.fails(ctx, l.p.source("head"), errLost); err != nil {
		return eventlog.Position{}, err
	}
	return l.memoryLog.Head(ctx)
}

func (l faultyLog) ReadAll(ctx context.Context, from eventlog.Position, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		if err := l.p.fails(ctx, l.p.source("read"), errLost); err != nil {
			yield(eventlog.Recorded{}, err)
			return
		}
		l.memoryLog.ReadAll(ctx, from, direction, limit)(yield)
	}
}

// Follow breaks off, hands over what it handed over already, cuts as it likes and
// comes late.
func (l faultyLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	src := l.p.source("follow")
	log := openMemoryLog(l.memoryEvents, l.categories...)
	log.woken = func(ctx context.Context) { l.p.pause(ctx, src) }
	return func(yield func(eventlog.Batch, error) bool) {
		if err := l.p.fails(ctx, src, errLost); err != nil {
			l.p.say("its subscription after %s fails: %v", short(after), err)
			yield(eventlog.Batch{}, err)
			return
		}
		var last []eventlog.Recorded // that were handed over
		for batch, err := range log.Follow(ctx, after) {
			for err == nil {
				if err = l.p.fails(ctx, src, errLost); err != nil {
					break
				}
				part := batch
				if n := len(batch.Events); n > 1 && src.IntN(3) > 0 {
					n = 1 + src.IntN(n)
					part.Events, batch.Events = batch.Events[:n:n], batch.Events[n:]
					if len(batch.Events) > 0 {
						part.Through, part.CaughtUp = part.Events[n-1].Position, false
					}
				} else {
					batch.Events = nil
				}
				again := part
				if len(last) > 0 && !l.p.s.calm() && src.IntN(15) == 0 {
					again.Events = append(slices.Clone(last), part.Events...)
					if src.IntN(2) == 0 { // nothing but what was there already
						again = eventlog.Batch{Events: slices.Clone(last), Through: last[len(last)-1].Position}
						l.p.say("is handed %d events again", len(last))
						if !yield(l.readable(again), nil) {
							return
						}
						if err = l.p.pause(ctx, src); err != nil {
							break
						}
						again = part
					} else {
						l.p.say("is handed %d events again, and new ones", len(last))
					}
				}
				last = slices.Clone(part.Events[max(0, len(part.Events)-4):])
				l.p.say("reads up to %s: %d events", short(part.Through), len(part.Events))
				if !yield(l.readable(again), nil) {
					return
				}
				if len(batch.Events) == 0 {
					break
				}
			}
			if err != nil {
				l.p.say("its subscription ends: %v", err)
				yield(eventlog.Batch{}, err)
				return
			}
		}
	}
}

// readable is what a program of this process's version makes of events.
func (l faultyLog) readable(b eventlog.Batch) eventlog.Batch {
	b.Events = slices.Clone(b.Events)
	for i := range b.Events {
		if b.Events[i].Event = own(b.Events[i].Event); !l.p.newer && l.p.s.history.hides(b.Events[i].ID) {
			b.Events[i].Kind += "_of_tomorrow"
		}
	}
	return b
}

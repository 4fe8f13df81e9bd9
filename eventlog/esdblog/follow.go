package esdblog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
)

// silence is how long a follower that has found nothing yet goes without telling how
// far it looked.
const silence = 5 * time.Second

// Follow implements eventlog.Log. It has one subscription at a time. One that drops
// is followed by another one from the last event or checkpoint that came, after a
// pause that grows with every failure and is partly by chance; who follows does not
// notice. It fails where the server refuses, and where the log is not the one any
// more that the position is of.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(l.ctx, cancel)()
		f := &follower{l: l, yield: yield, told: after, through: after, since: time.Now()}
		for failures := 0; ; failures++ {
			f.lasted = false
			err := f.subscription(ctx)
			if f.stopped {
				return
			}
			if f.lasted {
				failures = 0
			}
			if ended := l.ended(ctx); ended != nil {
				err = ended
			} else if passing(err) && !refusedPlace(err) {
				l.logger.Warn("event store subscription dropped", "through", f.through.String(), "failures", failures, "error", err)
				if l.options.bounds.pause(ctx, failures) == nil {
					continue
				}
				err = l.ended(ctx)
			}
			yield(eventlog.Batch{}, err)
			return
		}
	}
}

func refusedPlace(err error) bool {
	return errors.Is(err, eventlog.ErrForeign) || errors.Is(err, eventlog.ErrBeyondHead) || errors.Is(err, eventlog.ErrClosed)
}

// follower is one call of Follow, over all its subscriptions.
type follower struct {
	l     *Log
	yield func(eventlog.Batch, error) bool

	through  eventlog.Position // everything up to here came
	told     eventlog.Position // the Through of the last batch
	begun    bool              // there was a batch
	caughtUp bool              // the last batch said so
	since    time.Time         // of the last batch
	lasted   bool              // the subscription was of use
	stopped  bool              // by the receiver
}

// subscription follows through one subscription until it drops.
func (f *follower) subscription(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, begun := f.l.pump(ctx, f.through), time.Now()
	for {
		got, err := p.take()
		if err == nil && f.l.ended(ctx) != nil {
			return f.l.ended(ctx)
		}
		f.through = got.through
		if len(got.events) > 0 || time.Since(begun) > longestPause {
			f.lasted = true
		}
		if batch, due := f.batch(got); due {
			f.begun, f.told, f.caughtUp, f.since = true, batch.Through, batch.CaughtUp, time.Now()
			if !f.yield(batch, nil) {
				f.stopped = true
				return nil
			}
			if batch.Through != f.through { // what was held back for the first batch
				if err := f.l.ended(ctx); err != nil {
					return err
				}
				f.told = f.through
				if !f.yield(eventlog.Batch{Through: f.told, CaughtUp: batch.CaughtUp}, nil) {
					f.stopped = true
					return nil
				}
			}
		}
		if err != nil {
			if status.Code(err) == codes.InvalidArgument && !f.through.IsZero() {
				return fmt.Errorf("%w: %w", eventlog.ErrForeign, err) // a place between events, as another log has them
			}
			return err
		}
	}
}

// batch makes of what came what the receiver is to know. The first batch of a
// follower that finds nothing says so at the position that it began with.
func (f *follower) batch(got pumped) (batch eventlog.Batch, due bool) {
	known, _ := f.l.horizon.known()
	batch = eventlog.Batch{
		Events:  got.events,
		Through: got.through,
		// What this process was told is in the log must have come, too.
		CaughtUp: got.live && got.through.Compare(known) >= 0,
	}
	switch {
	case len(got.events) > 0:
		return batch, true
	case !f.begun && batch.CaughtUp:
		batch.Through = f.told
		return batch, true
	case !f.begun:
		return batch, got.through != f.told && time.Since(f.since) > silence
	}
	return batch, got.through != f.told || batch.CaughtUp && !f.caughtUp
}

package projections

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// The pause after a failure that may pass, like a full disk.
const (
	minBackoff = 10 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// run keeps the build until the context ends or an event cannot be digested. What
// may pass is tried again from the stored checkpoint, one attempt at a time, with
// growing pauses that no two processes share. It answers why it ended before the
// context.
func (p *pipeline) run(ctx context.Context) error {
	pause := minBackoff
	var before error
	var stood eventlog.Position // when that happened
	for {
		started := time.Now()
		err := p.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if p.shared && deposed(err) {
			p.update(func() { p.failed = err; p.noteWaiting() })
			return err
		}
		closed := errors.Is(err, readmodel.ErrClosed)
		at, _ := p.at()
		if closed && before != nil && at == stood {
			err = errors.Join(before, err) // which may have closed the store
		}
		if closed || final(err) {
			p.update(func() { p.failed = err; p.noteWaiting() })
			p.logger.Error("read model stopped", "build", p.build, "error", err)
			return err
		}
		p.logger.Warn("read model interrupted", "build", p.build, "error", err)
		p.update(func() { p.broken = err; p.noteWaiting() })
		if time.Since(started) > maxBackoff {
			pause = minBackoff
		}
		if !rest(ctx, &pause) {
			return nil
		}
		before, stood = err, at
	}
}

// final reports whether trying again is in vain.
func final(err error) bool {
	return undigested(err) || refused(err) || errors.Is(err, ErrCheckpoint)
}

// deposed reports whether somebody else has written, or dropped what was written.
func deposed(err error) bool {
	return errors.Is(err, readmodel.ErrMoved) || errors.Is(err, readmodel.ErrNoBuild)
}

func undigested(err error) bool {
	e := (*UndigestedError)(nil)
	return errors.As(err, &e)
}

// jitter draws less than a duration. A simulation has it come out the same again.
var jitter = rand.N[time.Duration]

// rest pauses, longer each time, and reports whether the context is still there.
func rest(ctx context.Context, pause *time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(*pause/2 + jitter(*pause)):
	}
	*pause = min(2**pause, maxBackoff)
	return true
}

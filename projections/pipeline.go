package projections

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

const (
	// liveOperations bounds one transaction of a build that is read, so that
	// nobody waits long for the next.
	liveOperations = 4_000
	// fillOperations bounds one transaction of a build that is only filled: the
	// larger it is, the more is coalesced.
	fillOperations = 60_000
	// busyEvents in one transaction show that there are many writers, and
	// linger is how long one that follows at once then waits for more.
	busyEvents = 8
	linger     = 3 * time.Millisecond
	// The pause after a failure that may pass, like a full disk.
	minBackoff = 10 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// pipeline keeps one build: one goroutine follows the log and projects, another
// writes what has been projected since its last transaction. So the two cores
// share the work, and a backlog turns into larger transactions by itself.
type pipeline struct {
	log     eventlog.Log
	store   readmodel.Store
	build   readmodel.Build
	logger  *slog.Logger
	filling bool
	shared  bool // others may write the build: whoever does, has it

	mu       sync.Mutex
	position eventlog.Position // committed
	goal     eventlog.Position // of filling
	changed  chan struct{}     // closed and replaced when position or failed change
	pending  []arrival         // not committed, oldest first
	waiting  time.Time         // since when something is not committed; zero when nothing is
	failed   error             // for good
	onCommit func(Commit)      // nil while nobody reads the build
}

// Commit says what a transaction made visible.
type Commit struct {
	Position eventlog.Position
	Touched  map[string]struct{} // people by id, channels by name, all webhooks as one
	All      bool                // or anybody and anything
}

func newPipeline(log eventlog.Log, store readmodel.Store, build readmodel.Build, position eventlog.Position, logger *slog.Logger, onCommit func(Commit)) *pipeline {
	return &pipeline{log: log, store: store, build: build, position: position, logger: logger, onCommit: onCommit, changed: make(chan struct{})}
}

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
			p.update(func() { p.failed = err; p.wait() })
			return err
		}
		closed := errors.Is(err, readmodel.ErrClosed)
		at, _ := p.at()
		if closed && before != nil && at == stood {
			err = errors.Join(before, err) // which may have closed the store
		}
		if closed || final(err) {
			p.update(func() { p.failed = err; p.wait() })
			p.logger.Error("read model stopped", "build", p.build, "error", err)
			return err
		}
		p.logger.Warn("read model interrupted", "build", p.build, "error", err)
		p.update(p.wait)
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

// prepared is projected and not yet written.
type prepared struct {
	changes
	events   int
	through  readmodel.Checkpoint
	position eventlog.Position
	caughtUp bool
}

// follow goes on from the stored checkpoint until something fails.
func (p *pipeline) follow(ctx context.Context) error {
	checkpoint, position, err := readCheckpoint(ctx, p.store)
	if err != nil {
		return err
	}
	p.update(func() {
		p.pending = nil             // it comes again
		if position != p.position { // by an Apply whose outcome was unknown, or by somebody else
			p.tell(Commit{Position: position, All: true})
			p.position = position
		}
	})
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ready := make(chan prepared, 8)
	var writer sync.WaitGroup
	writer.Go(func() {
		if err := p.write(ctx, checkpoint, ready); err != nil {
			cancel(err)
		}
	})
	err = p.project(ctx, checkpoint, position, ready)
	close(ready)
	writer.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func (p *pipeline) project(ctx context.Context, at readmodel.Checkpoint, after eventlog.Position, ready chan<- prepared) error {
	// A server behind the log may have been restored from an older copy since the
	// last time, and may have grown beyond the checkpoint again.
	checked := false
	for batch, err := range p.log.Follow(ctx, after) {
		if err == nil && !checked {
			err, checked = checkEvent(ctx, p.log, at, after), true
		}
		if err != nil {
			return err
		}
		batch = newer(batch, after)
		p.arrived(batch)
		next := prepared{position: batch.Through, caughtUp: batch.CaughtUp}
		next.operations = make([]readmodel.Operation, 0, 4*len(batch.Events))
		digested, failed := project(batch.Events, &next.changes)
		if failed != nil { // what came before it counts, however the batch was cut
			if digested == 0 {
				return failed
			}
			next.position, next.caughtUp = batch.Events[digested-1].Position, false
		}
		if next.position != after {
			after, at.Position = next.position, next.position.String()
			if digested > 0 {
				at.Event = batch.Events[digested-1].ID.String()
			}
		}
		next.events, next.through = digested, at
		select {
		case ready <- next:
		case <-ctx.Done():
			return ctx.Err()
		}
		if failed != nil {
			return failed
		}
	}
	return ctx.Err()
}

// newer leaves out what was delivered before. No log may do that, but a server
// behind one can, and then counting twice would be the least: the checkpoint would
// go back, and with it what people see.
func newer(batch eventlog.Batch, after eventlog.Position) eventlog.Batch {
	for len(batch.Events) > 0 && batch.Events[0].Position.Compare(after) <= 0 {
		batch.Events = batch.Events[1:]
	}
	if batch.Through.Compare(after) < 0 {
		batch.Through = after
	}
	return batch
}

// write commits whatever is ready, as one transaction within the bound. It writes
// at once what comes alone; while events come in numbers it waits a moment for
// more, since most of a small transaction's cost is pages that the next one
// writes again.
func (p *pipeline) write(ctx context.Context, from readmodel.Checkpoint, ready <-chan prepared) error {
	var busy time.Time // when the last transaction of many was committed
	for next := range ready {
		if p.filling {
			p.gather(&next, ready, fillOperations, nil)
		} else {
			var until <-chan time.Time
			if time.Since(busy) < linger {
				until = time.After(linger)
			}
			p.gather(&next, ready, liveOperations, until)
		}
		if next.through != from {
			if err := p.apply(ctx, from, &next); err != nil {
				return err
			}
			from = next.through
		}
		p.update(func() {
			p.tell(Commit{Position: next.position, Touched: next.touched, All: next.all})
			p.committed(next.position)
		})
		if next.events >= busyEvents {
			busy = time.Now()
		}
	}
	return nil
}

// apply does not break off a write to a build that is filled, when enough of it
// is there: the store would be worth nothing then.
func (p *pipeline) apply(ctx context.Context, from readmodel.Checkpoint, next *prepared) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.filling {
		ctx = context.WithoutCancel(ctx)
	}
	return p.store.Apply(ctx, from, next.through, next.operations)
}

// gather merges what else is ready into one transaction, and what becomes ready
// until a moment, or until it has caught up where the build is only filled.
func (p *pipeline) gather(next *prepared, ready <-chan prepared, bound int, until <-chan time.Time) {
	for len(next.operations) < bound {
		if until == nil && (!p.filling || next.caughtUp) {
			select {
			case also, ok := <-ready:
				if !ok {
					return
				}
				next.merge(also)
			default:
				return
			}
			continue
		}
		select {
		case also, ok := <-ready:
			if !ok {
				return
			}
			next.merge(also)
		case <-until:
			return
		}
	}
}

// tell passes a commit on, where anybody reads the build.
func (p *pipeline) tell(c Commit) {
	if p.onCommit != nil {
		p.onCommit(c)
	}
}

func (b *prepared) merge(next prepared) {
	b.operations = append(b.operations, next.operations...)
	b.events += next.events
	for tag := range next.touched {
		b.touch(tag)
	}
	b.all = b.all || next.all
	b.through, b.position, b.caughtUp = next.through, next.position, next.caughtUp
}

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
	// maxBackoff bounds the pause after a failure that may pass, like a full disk.
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

	mu       sync.Mutex
	position eventlog.Position // committed
	head     eventlog.Position // seen in the log
	caughtUp bool              // at position
	changed  chan struct{}     // closed and replaced with every change
	waiting  time.Time         // since when something is not committed; zero when nothing is
	failed   error             // for good
	onCommit func(Commit)      // nil while nobody reads the build
}

// Commit says what a transaction made visible.
type Commit struct {
	Position eventlog.Position
	Touched  map[string]struct{} // people by id, channels by name
	All      bool                // or anybody and anything
}

func newPipeline(log eventlog.Log, store readmodel.Store, build readmodel.Build, position eventlog.Position, logger *slog.Logger, onCommit func(Commit)) *pipeline {
	return &pipeline{log: log, store: store, build: build, position: position, logger: logger, onCommit: onCommit, changed: make(chan struct{})}
}

// run keeps the build until the context ends or an event cannot be digested. What
// may pass is tried again from the stored checkpoint, one attempt at a time, with
// growing pauses that no two processes share.
func (p *pipeline) run(ctx context.Context) {
	pause := 10 * time.Millisecond
	for {
		started := time.Now()
		err := p.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if undigested := (*UndigestedError)(nil); errors.As(err, &undigested) ||
			errors.Is(err, eventlog.ErrForeign) || errors.Is(err, eventlog.ErrBeyondHead) {
			p.logger.Error("read model stopped", "build", p.build, "error", err)
			p.update(func() { p.failed = err; p.wait() })
			return
		}
		p.logger.Warn("read model interrupted", "build", p.build, "error", err)
		p.update(p.wait)
		if time.Since(started) > maxBackoff {
			pause = 10 * time.Millisecond
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, maxBackoff)
	}
}

// prepared is projected and not yet written.
type prepared struct {
	changes
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
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ready := make(chan prepared, 8)
	var writer sync.WaitGroup
	writer.Go(func() {
		if err := p.write(ctx, checkpoint, ready); err != nil {
			cancel(err)
		}
	})
	err = p.project(ctx, position, ready)
	close(ready)
	writer.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func (p *pipeline) project(ctx context.Context, after eventlog.Position, ready chan<- prepared) error {
	event := ""
	for batch, err := range p.log.Follow(ctx, after) {
		if err != nil {
			return err
		}
		next := prepared{position: batch.Through, caughtUp: batch.CaughtUp}
		if n := len(batch.Events); n > 0 {
			p.update(func() { p.head = batch.Through; p.caughtUp = false; p.wait() })
			next.operations = make([]readmodel.Operation, 0, 4*n)
			if err := project(batch.Events, &next.changes); err != nil {
				return err
			}
			event = ""
			if last := batch.Events[n-1]; last.Position == batch.Through {
				event = last.ID.String()
			}
		} else if batch.Through != after {
			event = ""
		}
		after = batch.Through
		next.through = readmodel.Checkpoint{Position: batch.Through.String(), Event: event}
		select {
		case ready <- next:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// write commits whatever is ready, as one transaction within the bound.
func (p *pipeline) write(ctx context.Context, from readmodel.Checkpoint, ready <-chan prepared) error {
	for next := range ready {
		bound := liveOperations
		if p.filling {
			bound = fillOperations
		}
	more:
		for len(next.operations) < bound {
			select {
			case also, ok := <-ready:
				if !ok {
					break more
				}
				next.merge(also)
			default:
				if !p.filling || next.caughtUp {
					break more
				}
				also, ok := <-ready // nobody reads it yet: the larger the better
				if !ok {
					break more
				}
				next.merge(also)
			}
		}
		if next.through != from {
			if err := p.store.Apply(ctx, from, next.through, next.operations); err != nil {
				return err
			}
			from = next.through
		}
		p.update(func() {
			if p.onCommit != nil {
				p.onCommit(Commit{Position: next.position, Touched: next.touched, All: next.all})
			}
			p.position, p.caughtUp = next.position, next.caughtUp && len(ready) == 0
			if p.head.Compare(p.position) <= 0 {
				p.waiting = time.Time{}
			}
		})
	}
	return nil
}

func (b *prepared) merge(next prepared) {
	b.operations = append(b.operations, next.operations...)
	for tag := range next.touched {
		b.touch(tag)
	}
	b.all = b.all || next.all
	b.through, b.position, b.caughtUp = next.through, next.position, next.caughtUp
}

func (p *pipeline) update(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait notes that something is not committed, if that is not noted yet.
func (p *pipeline) wait() {
	if p.waiting.IsZero() {
		p.waiting = time.Now()
	}
}

// at tells what is committed, and gives a channel that closes when that changes.
func (p *pipeline) at() (eventlog.Position, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.position, p.changed
}

// behind is for how long something has been waiting to be committed.
func (p *pipeline) behind() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting.IsZero() {
		return 0
	}
	return time.Since(p.waiting)
}

// reach blocks until the pipeline has committed up to the position.
func (p *pipeline) reach(ctx context.Context, position eventlog.Position) error {
	for {
		p.mu.Lock()
		at, failed, changed := p.position, p.failed, p.changed
		p.mu.Unlock()
		if at.Compare(position) >= 0 {
			return nil
		}
		if failed != nil {
			return failed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

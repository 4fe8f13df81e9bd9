package projections

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
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
	broken   error             // for now: it is tried again
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

package postgres

import (
	"context"
	"sync"

	"lobby.example/readmodel"
)

// gate counts who is inside, so that closing can wait for them.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
	cancel map[*context.CancelCauseFunc]struct{}
}

func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return readmodel.ErrClosed
	}
	g.inside.Add(1)
	return nil
}

func (g *gate) leave() { g.inside.Done() }

// shut lets nobody in any more.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for cancel := range g.cancel {
		(*cancel)(readmodel.ErrClosed)
	}
}

// until ends the context also when the gate is shut, for those inside who would
// stay.
func (g *gate) until(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		cancel(readmodel.ErrClosed)
	}
	if g.cancel == nil {
		g.cancel = map[*context.CancelCauseFunc]struct{}{}
	}
	g.cancel[&cancel] = struct{}{}
	return ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.cancel, &cancel)
		cancel(nil)
	}
}

// wait is for a gate that was shut.
func (g *gate) wait() { g.inside.Wait() }

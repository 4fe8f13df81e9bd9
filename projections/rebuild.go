package projections

import (
	"context"
	"errors"
	"math"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// Rebuild builds the model anew beside the one that serves, and switches when the
// new build has everything that the old one shows. Nobody who reads sees a
// position go back. One rebuild runs at a time. Where another process owns the
// model, it fails with ErrNotOwner.
func (r *Runner) Rebuild(ctx context.Context) (err error) {
	select {
	case r.rebuild <- struct{}{}:
		defer func() { <-r.rebuild }()
	case <-ctx.Done():
		return ctx.Err()
	case <-r.ctx.Done():
		return readmodel.ErrClosed
	}
	if r.ctx.Err() != nil {
		return readmodel.ErrClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	working := r.reign()
	if r.shared != nil && working.Err() != nil {
		return ErrNotOwner
	}
	defer context.AfterFunc(working, cancel)()
	defer func() {
		r.mu.Lock()
		r.building, r.failed = nil, err
		r.mu.Unlock()
	}()

	build, store, err := r.engine.Create(ctx, r.model)
	if err != nil {
		return err
	}
	next := r.newPipeline(store, build, eventlog.Position{}, nil)
	defer func() {
		if err != nil {
			err = errors.Join(err, store.Close())
			if errors.Is(context.Cause(working), errLost) {
				return // by now another owner may keep it, or has dropped it
			}
			err = errors.Join(err, r.engine.Drop(context.WithoutCancel(ctx), r.model.Name, build))
		}
	}()
	if err := r.fill(ctx, next); err != nil {
		return err
	}
	if err := store.Finish(ctx); err != nil {
		return err
	}
	return r.takeOver(ctx, next)
}

// fill brings a build as far as the log is now, in large transactions.
func (r *Runner) fill(ctx context.Context, p *pipeline) error {
	head, err := r.log.Head(ctx)
	if err != nil {
		return err
	}
	p.filling, p.goal = true, head
	r.mu.Lock()
	r.building = p
	r.mu.Unlock()
	k := r.keep(p)
	defer k.stop()
	return r.arrive(ctx, k, head)
}

// takeOver makes a filled build the serving one. The old one stands still while
// the new one reaches it, so that the switch is at a position that both have.
func (r *Runner) takeOver(ctx context.Context, p *pipeline) error {
	p.filling, p.waiting = false, time.Time{}
	next := r.keep(p)
	old := r.current()
	if err := r.meet(ctx, old, next); err != nil {
		next.stop()
		if old != nil { // goes on as before
			old.stop()
			r.serve(r.keep(old.pipeline), nil)
		}
		return err
	}
	next.update(func() { next.onCommit = r.onCommit })
	at, _ := next.at()
	r.serve(next, &Commit{Position: at, All: true})
	if old == nil {
		r.dropOthers(ctx, p.build, math.MaxInt) // of a version that this program does not read
		return nil
	}
	old.update(func() {}) // whoever waits for it looks again
	if err := errors.Join(old.store.Close(), r.engine.Drop(context.WithoutCancel(ctx), r.model.Name, old.build)); err != nil {
		r.logger.Warn("old build not dropped", "build", old.build, "error", err) // the next start does
	}
	return nil
}

// serve lets k be read. The commit is told while nobody can tell which of the two
// is read, so that nothing that was read from the old one is taken for new.
func (r *Runner) serve(k *keeping, commit *Commit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.once.Do(func() { close(r.first) })
	r.serving = k
	if commit != nil && r.onCommit != nil {
		r.onCommit(*commit)
	}
}

// meet returns once the new build has all that the old one shows, or that the log
// has where there is no old one, and is written down as the one that serves.
func (r *Runner) meet(ctx context.Context, old, next *keeping) error {
	at, err := r.log.Head(ctx)
	if err == nil && old != nil {
		at, err = r.shown(ctx, old, at)
	}
	if err == nil {
		err = r.arrive(ctx, next, at)
	}
	if err == nil && old != nil {
		old.stop()
		if at, err = r.shown(ctx, old, at); err == nil {
			err = r.arrive(ctx, next, at)
		}
	}
	if err == nil {
		err = r.point(ctx, next.build)
	}
	return err
}

// shown is the position that the old build shows, or the head where the log was
// restored from a copy that does not reach so far: what replaces the build then
// is right, and would wait for what may never come.
func (r *Runner) shown(ctx context.Context, old *keeping, head eventlog.Position) (eventlog.Position, error) {
	at, _ := old.at()
	err := isPlace(ctx, r.log, at)
	if refused(err) {
		return head, nil
	}
	return at, err
}

// errShorter is told of a build that waits for events that a restored log lost.
var errShorter = errors.New("projections: the log was restored from an older copy while the model was built")

// arrive blocks until a pipeline has committed up to the position, and now and
// then looks whether the log still has it.
func (r *Runner) arrive(ctx context.Context, k *keeping, position eventlog.Position) error {
	for {
		bounded, cancel := context.WithTimeout(ctx, maxBackoff)
		err := k.reach(bounded, position)
		cancel()
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if refused(isPlace(ctx, r.log, position)) {
			return errShorter
		}
	}
}

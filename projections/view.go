package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// Serving is closed once there is a build to read.
func (r *Runner) Serving() <-chan struct{} { return r.first }

// View gives read a snapshot of the serving build. It fails with
// readmodel.ErrRebuilding while there is none, and with readmodel.ErrStale when it is more than StaleAfter behind.
func (r *Runner) View(ctx context.Context, read func(readmodel.Query) error) (readmodel.Checkpoint, error) {
	for {
		k, err := r.usable()
		if err != nil {
			return readmodel.Checkpoint{}, err
		}
		shown, changed := k.at()
		checkpoint, err := k.store.View(ctx, read)
		if errors.Is(err, readmodel.ErrClosed) && r.current() != k {
			continue
		}
		if r.shared != nil {
			again := false
			if again, err = r.judge(ctx, k, shown, changed, checkpoint, err); again {
				continue
			}
		}
		return checkpoint, err
	}
}

// Wait blocks until what is served has the position, which an append returned.
func (r *Runner) Wait(ctx context.Context, position eventlog.Position) error {
	for {
		k := r.current()
		if k == nil {
			return r.rebuilding()
		}
		at, changed := k.at()
		if at.Compare(position) >= 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ctx.Done():
			return readmodel.ErrClosed
		}
	}
}

// usable is what may be read now.
func (r *Runner) usable() (*keeping, error) {
	k := r.current()
	if k == nil {
		return nil, r.rebuilding()
	}
	if k.behind() > StaleAfter {
		return nil, readmodel.ErrStale
	}
	return k, nil
}

// rebuilding says how far the build is that will serve.
func (r *Runner) rebuilding() error {
	s := r.Status()
	if r.shared != nil && !s.Building && s.Failed != nil {
		return fmt.Errorf("%w: %w", readmodel.ErrRebuilding, s.Failed)
	}
	return fmt.Errorf("%w, %.0f %% done", readmodel.ErrRebuilding, 100*s.Progress)
}

func (r *Runner) current() *keeping {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.serving
}

// judge looks at what a view answered. It is asked again where the build it was about
// is gone and another one serves, or is about to.
func (r *Runner) judge(ctx context.Context, k *keeping, shown eventlog.Position, changed <-chan struct{}, c readmodel.Checkpoint, err error) (again bool, _ error) {
	if err == nil {
		at, err := eventlog.ParsePosition(c.Position)
		if c.Position == "" {
			at, err = eventlog.Position{}, nil
		}
		if err == nil && at.Compare(shown) < 0 { // the database has lost it in a crash; it comes again
			err = readmodel.ErrStale
		}
		return false, err
	}
	if !gone(err) {
		return false, err
	}
	if r.current() != k {
		return true, nil
	}
	select {
	case <-changed:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-r.ctx.Done():
		return false, readmodel.ErrClosed
	case <-time.After(2 * lookEvery):
		return r.current() != k, r.rebuilding()
	}
}

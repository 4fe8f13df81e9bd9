package projections

import (
	"context"
	"errors"
	"time"

	"lobby.example/readmodel"
)

// ErrNotOwner refuses to build where another process owns the model.
var ErrNotOwner = errors.New("projections: another process owns the read model")

var errLost = errors.New("projections: the ownership of the read model was lost")

const (
	// maxCampaign bounds the pause before a process tries again to own the model, or
	// to follow it: somebody waits.
	maxCampaign = time.Second
)

// tidyEvery is how often an owner looks for builds that nobody needs any more.
var tidyEvery = 10 * time.Second

// reign is the time in which this process projects; it is over where it does not.
func (r *Runner) reign() context.Context {
	if r.shared == nil {
		return r.ctx
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.working == nil {
		return over
	}
	return r.working
}

var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// depose ends the reign. Another process may be luckier.
func (r *Runner) depose(why error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.stop != nil {
		r.stop(why)
	}
}

// join begins to work with the others. Where nobody owns the model, this process
// does when join returns.
func (r *Runner) join(ctx context.Context, rebuild bool) (err error) {
	if rebuild && r.role == All {
		if r.unwanted, err = r.shared.Serving(ctx, r.model.Name); err != nil {
			return err
		}
	}
	var own readmodel.Ownership
	if r.role == All {
		if own, err = r.shared.TryOwn(ctx, r.ownedAs(r.model.Version)); err != nil {
			return err
		}
	}
	if own == nil {
		if err := r.sync(ctx); err != nil {
			return err
		}
	} else if err := r.begin(ctx, own); err != nil {
		own.Release()
		return err
	}
	r.done.Go(r.listen)
	r.done.Go(r.watch)
	if r.role == All {
		r.done.Go(func() { r.campaign(own) })
	}
	return nil
}

// campaign owns the model whenever nobody else does.
func (r *Runner) campaign(own readmodel.Ownership) {
	pause := minBackoff
	for {
		var err error
		began := time.Now()
		if own == nil {
			if own, err = r.shared.Own(r.ctx, r.ownedAs(r.model.Version)); err == nil {
				began = time.Now()
				if err = r.begin(r.ctx, own); err != nil {
					own.Release()
				}
			}
		}
		if err == nil {
			r.logger.Info("this process owns the read model", "model", r.model.Name, "version", r.model.Version)
			err = r.work()
			own.Release()
			r.refresh()
		}
		own = nil
		if r.ctx.Err() != nil {
			return
		}
		r.logger.Warn("this process does not own the read model", "model", r.model.Name, "error", err)
		r.note(err)
		if time.Since(began) > maxBackoff {
			pause = minBackoff
		}
		// Where an event cannot be digested, there is no hurry to read it again.
		for wait := time.Now(); ; {
			if !rest(r.ctx, &pause) {
				return
			}
			pause = min(pause, maxCampaign)
			if !final(err) || time.Since(wait) > maxBackoff {
				break
			}
		}
	}
}

// begin makes this process project, from the stored checkpoint, with the store it
// has.
func (r *Runner) begin(ctx context.Context, own readmodel.Ownership) error {
	r.switching.Lock()
	defer r.switching.Unlock()
	if err := r.openChosen(ctx); err != nil {
		return err
	}
	working, stop := context.WithCancelCause(r.ctx)
	r.mu.Lock()
	r.working, r.stop = working, stop
	r.mu.Unlock()
	r.done.Go(func() {
		select {
		case <-own.Lost():
			stop(errLost)
		case <-working.Done():
		}
	})
	if k := r.current(); k != nil {
		r.serve(r.keep(k.pipeline), nil)
	}
	r.tidy(working, true)
	return nil
}

// work is what an owner does until it is one no more. It answers why.
func (r *Runner) work() error {
	ctx := r.reign()
	built := make(chan struct{})
	go func() {
		defer close(built)
		if k := r.current(); k == nil || k.build == r.unwanted {
			r.build(ctx)
		}
	}()
	for ticks := time.NewTicker(tidyEvery); ctx.Err() == nil; {
		select {
		case <-ticks.C:
			r.tidy(ctx, false)
		case <-ctx.Done():
			ticks.Stop()
		}
	}
	<-built
	r.rebuild <- struct{}{} // somebody else's ends too
	clear(r.free)
	r.switching.Lock()
	if k := r.current(); k != nil {
		k.stop()
		k.handOver()
		r.serve(standing(k.pipeline), nil)
	}
	r.mu.Lock()
	r.working, r.stop = nil, nil
	r.mu.Unlock()
	r.switching.Unlock()
	<-r.rebuild
	return context.Cause(ctx)
}

// note says why nothing serves here, where nothing does.
func (r *Runner) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = err
}

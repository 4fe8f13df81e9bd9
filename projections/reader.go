package projections

import (
	"context"
	"errors"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// errNobody is why a process that may not build has nothing to read.
var errNobody = errors.New("projections: no process builds the read model")

const (
	// lookEvery is how often a process that reads asks the log what there is, and
	// lookWithin bounds each question.
	lookEvery  = time.Second
	lookWithin = 3 * time.Second
)

// standing is a pipeline that another process moves.
func standing(p *pipeline) *keeping {
	return &keeping{pipeline: p, cancel: func() {}, done: closedChannel}
}

var closedChannel = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// listen follows what the owner does.
func (r *Runner) listen() {
	pause := minBackoff
	for {
		var failed error
		first := true
		for commit, err := range r.shared.Follow(r.ctx, r.model.Name) {
			if err != nil {
				failed = err
				break
			}
			r.hear(commit, first)
			first, pause = false, minBackoff
		}
		if r.ctx.Err() != nil {
			return
		}
		r.logger.Warn("not told of commits", "model", r.model.Name, "error", failed)
		if !rest(r.ctx, &pause) {
			return
		}
		pause = min(pause, maxCampaign)
	}
}

// hear takes a commit in. Where this process is the owner it knows already.
func (r *Runner) hear(c readmodel.Commit, first bool) {
	r.switching.Lock()
	defer r.switching.Unlock()
	if r.reign().Err() == nil {
		return
	}
	k := r.current()
	if first || c.Serving && c.Build.Version == r.model.Version && (k == nil || k.build != c.Build) {
		if err := r.openChosen(r.ctx); err != nil {
			r.logger.Warn("build not opened", "build", c.Build, "error", err) // watch tries again
		}
		k = r.current()
	}
	switch {
	case k == nil:
	case k.build == c.Build && c.Checkpoint.Position != "":
		if position, err := eventlog.ParsePosition(c.Checkpoint.Position); err == nil {
			k.heard(position, first)
		}
	case first:
		r.ask(k, true)
	}
}

// ask reads how far the build is. Exactly is for when it may have gone back, as
// after a crash of the database.
func (r *Runner) ask(k *keeping, exactly bool) error {
	ctx, cancel := context.WithTimeout(r.ctx, lookWithin)
	defer cancel()
	_, position, err := readCheckpoint(ctx, k.store)
	if err == nil {
		k.heard(position, exactly)
	}
	return err
}

// refresh finds out how things are, for one that has not listened for a while.
func (r *Runner) refresh() {
	r.switching.Lock()
	defer r.switching.Unlock()
	if r.openChosen(r.ctx) != nil {
		return // watch tries again
	}
	if k := r.current(); k != nil {
		r.ask(k, true)
	}
}

// sync opens the build that is to be read, if it is another than the one that is.
func (r *Runner) sync(ctx context.Context) error {
	r.switching.Lock()
	defer r.switching.Unlock()
	if r.reign().Err() == nil {
		return nil
	}
	return r.openChosen(ctx)
}

// openChosen is for who holds switching, while this process is not the owner.
func (r *Runner) openChosen(ctx context.Context) error {
	k := r.current()
	p, err := r.choose(ctx, k)
	if err != nil || k != nil && k.pipeline == p {
		return err
	}
	if p != nil {
		r.serve(standing(p), &Commit{Position: p.position, All: true})
	} else {
		r.mu.Lock()
		r.serving = nil
		r.mu.Unlock()
	}
	if k != nil {
		k.update(func() {})                       // whoever waits for it looks again
		r.done.Go(func() { _ = k.store.Close() }) // once its readers are done
	}
	return nil
}

// watch notices what is missing, also where nothing is heard of it.
func (r *Runner) watch() {
	for pause := lookEvery; rest(r.ctx, &pause); pause = lookEvery {
		r.watchOnce()
	}
}

func (r *Runner) watchOnce() {
	if r.reign().Err() == nil {
		return
	}
	k := r.current()
	if k == nil {
		if err := r.sync(r.ctx); err != nil {
			r.note(err)
		} else if r.current() == nil {
			r.note(r.builders())
		}
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, lookWithin)
	defer cancel()
	head, err := r.log.Head(ctx)
	if r.ctx.Err() != nil || k.missing(head, err) < lookEvery/2 {
		return
	}
	// Nothing was heard of it for a while: it may be there all the same.
	if err := r.sync(r.ctx); err != nil {
		r.logger.Warn("read model not there", "model", r.model.Name, "error", err)
		return
	}
	r.switching.Lock()
	defer r.switching.Unlock()
	if r.reign().Err() != nil && r.current() == k {
		r.ask(k, false)
	}
}

// builders tells whether a build is in the making, by whoever owns the model.
func (r *Runner) builders() error {
	builds, err := r.shared.Builds(r.ctx, r.model.Name)
	for _, b := range builds {
		if b.Version == r.model.Version {
			return nil
		}
	}
	if err != nil {
		return err
	}
	return errNobody
}

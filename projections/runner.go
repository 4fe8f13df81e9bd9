package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// StaleAfter is how long a model may lag behind before nothing is served from it
// any more, since rights could have been lost meanwhile.
const StaleAfter = 30 * time.Second

// Options say how a model is kept. The zero value is a good choice.
type Options struct {
	// Rebuild builds the model anew beside the one that is there, and switches.
	Rebuild bool
	// OnCommit is told of every commit that becomes visible, before anybody who
	// waits for its position goes on. It must be quick, and not ask the Runner.
	OnCommit func(Commit)
	// Logger gets what happens to the model; nil means slog.Default.
	Logger *slog.Logger
}

// Runner keeps the messenger model and lets it be read.
type Runner struct {
	log      eventlog.Log
	engine   readmodel.Engine
	logger   *slog.Logger
	onCommit func(Commit)

	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup

	rebuild chan struct{} // has room for the one at a time
	first   chan struct{} // closed once a build serves

	mu       sync.RWMutex
	serving  *keeping  // nil while there is none
	building *pipeline // nil when nothing is being built
	failed   error     // why the last build was given up
}

// keeping is a pipeline at work.
type keeping struct {
	*pipeline
	cancel context.CancelFunc
	done   chan struct{}
}

// Start opens the serving build and keeps it up to date, or builds one where
// there is none of the program's version. It returns at once in both cases. It
// fails when the stored checkpoint is no place in the log.
func Start(ctx context.Context, log eventlog.Log, engine readmodel.Engine, options Options) (*Runner, error) {
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	r := &Runner{log: log, engine: engine, logger: options.Logger, onCommit: options.OnCommit, rebuild: make(chan struct{}, 1), first: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	build, err := engine.Serving(ctx, Messenger.Name)
	if err != nil {
		return nil, err
	}
	if build.Version == Messenger.Version {
		err := r.open(ctx, build)
		switch {
		case errors.Is(err, readmodel.ErrNoBuild): // its file is gone: there is none
			r.logger.Warn("read model is not there any more", "build", build, "error", err)
		case err != nil && !(options.Rebuild && errors.Is(err, ErrCheckpoint)):
			r.cancel()
			return nil, err
		}
	}
	r.dropOthers(build)
	if r.serving == nil || options.Rebuild {
		r.done.Go(r.build)
	}
	return r, nil
}

// build builds the model, and begins anew after a failure that may pass.
func (r *Runner) build() {
	pause := minBackoff
	for {
		err := r.Rebuild(r.ctx)
		if err == nil || r.ctx.Err() != nil {
			return
		}
		r.logger.Error("read model not built", "error", err)
		// One that begins at the start is only refused a position when the log was
		// restored meanwhile.
		if undigested(err) || !rest(r.ctx, &pause) {
			return
		}
	}
}

func (r *Runner) open(ctx context.Context, build readmodel.Build) error {
	store, err := r.engine.Open(ctx, Messenger, build)
	if err != nil {
		return err
	}
	position, waiting, err := checkCheckpoint(ctx, r.log, store)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	p := newPipeline(r.log, store, build, position, r.logger, r.onCommit)
	p.waiting = waiting
	r.serve(r.keep(p), nil)
	return nil
}

func (r *Runner) keep(p *pipeline) *keeping {
	ctx, cancel := context.WithCancel(r.ctx)
	k := &keeping{pipeline: p, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(k.done)
		p.run(ctx)
	}()
	return k
}

// stop ends the pipeline and waits for it; what it committed stays readable.
func (k *keeping) stop() {
	k.cancel()
	<-k.done
}

// dropOthers removes builds that a crash or an older program left behind.
func (r *Runner) dropOthers(keep readmodel.Build) {
	builds, err := r.engine.Builds(r.ctx, Messenger.Name)
	for _, b := range builds {
		if b != keep {
			err = errors.Join(err, r.engine.Drop(r.ctx, Messenger.Name, b))
		}
	}
	if err != nil {
		r.logger.Warn("old builds not dropped", "error", err)
	}
}

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
		checkpoint, err := k.store.View(ctx, read)
		if errors.Is(err, readmodel.ErrClosed) && r.current() != k {
			continue
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
	return fmt.Errorf("%w, %.0f %% done", readmodel.ErrRebuilding, 100*r.Status().Progress)
}

func (r *Runner) current() *keeping {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.serving
}

// Position is that of what View shows, which may be newer by the time it does. It
// fails as View does.
func (r *Runner) Position() (eventlog.Position, error) {
	k, err := r.usable()
	if err != nil {
		return eventlog.Position{}, err
	}
	at, _ := k.at()
	return at, nil
}

// Close stops everything and closes what is open, the engine excepted.
func (r *Runner) Close() error {
	r.cancel()
	r.done.Wait()
	r.rebuild <- struct{}{} // somebody else's ends too
	defer func() { <-r.rebuild }()
	if r.serving == nil {
		return nil
	}
	<-r.serving.done
	if err := r.serving.store.Close(); err != nil {
		return fmt.Errorf("projections: close: %w", err)
	}
	return nil
}

package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// StaleAfter is how long a model may lag behind before nothing is served from it
// any more, since rights could have been lost meanwhile.
const StaleAfter = 30 * time.Second

// Role says what a process does about a model that several share.
type Role int

const (
	All    Role = iota // projects when nobody else does, and reads
	Reader             // never projects, builds or drops anything
)

// Options say how a model is kept. The zero value is a good choice.
type Options struct {
	// Rebuild builds the model anew beside the one that is there, and switches.
	// Where several processes share it, the one that owns it does, unless another
	// has done so meanwhile.
	Rebuild bool
	// Role other than All is for an engine that is readmodel.Shared.
	Role Role
	// OnCommit is told of every commit that becomes visible, before anybody who
	// waits for its position goes on. It must be quick, and not ask the Runner. What
	// another process has committed comes as All.
	OnCommit func(Commit)
	// Logger gets what happens to the model; nil means slog.Default.
	Logger *slog.Logger
}

// Runner keeps the messenger model and lets it be read.
//
// On an engine that is readmodel.Shared one process at a time owns the model and
// keeps it; the others read what that one writes, and one of them goes on with it
// when the owner ends or is cut off. Each version of the model has an owner and
// builds of its own, so that the programs before and after an upgrade serve side by
// side.
type Runner struct {
	model    readmodel.Model
	log      eventlog.Log
	engine   readmodel.Engine
	shared   readmodel.Shared // the engine, or nil where it is this process's alone
	role     Role
	unwanted readmodel.Build // that Options.Rebuild asks to replace
	logger   *slog.Logger
	onCommit func(Commit)

	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup

	rebuild chan struct{}                 // has room for the one at a time
	free    map[readmodel.Build]time.Time // builds of other versions, and since when every look found them without an owner; of who has that room
	first   chan struct{}                 // closed once a build serves

	once      sync.Once  // closing it
	switching sync.Mutex // held to open a build that another process serves, and to become the owner

	mu       sync.RWMutex
	working  context.Context // for as long as this process owns the model; nil when it does not
	stop     context.CancelCauseFunc
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
//
// Where several processes share the engine and another one owns the model, it
// opens the build that this one serves, and builds nothing.
func Start(ctx context.Context, log eventlog.Log, engine readmodel.Engine, options Options) (*Runner, error) {
	return start(ctx, Messenger, log, engine, options)
}

func start(ctx context.Context, model readmodel.Model, log eventlog.Log, engine readmodel.Engine, options Options) (*Runner, error) {
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	r := &Runner{model: model, log: log, engine: engine, role: options.Role, logger: options.Logger, onCommit: options.OnCommit, rebuild: make(chan struct{}, 1), free: map[readmodel.Build]time.Time{}, first: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if shared, ok := engine.(readmodel.Shared); ok {
		r.shared = shared
		if err := r.join(ctx, options.Rebuild); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		return r, nil
	}
	if r.role != All {
		return nil, errors.New("projections: only an engine that several processes share has somebody else to project")
	}
	build, err := engine.Serving(ctx, model.Name)
	if err != nil {
		return nil, err
	}
	if build.Version == model.Version {
		err := r.open(ctx, build)
		switch {
		case errors.Is(err, readmodel.ErrNoBuild): // its file is gone: there is none
			r.logger.Warn("read model is not there any more", "build", build, "error", err)
		case err != nil && !(options.Rebuild && errors.Is(err, ErrCheckpoint)):
			r.cancel()
			return nil, err
		}
	}
	r.dropOthers(r.ctx, build, math.MaxInt)
	if r.serving == nil || options.Rebuild {
		r.done.Go(func() { r.build(r.ctx) })
	}
	return r, nil
}

// build builds the model, and begins anew after a failure that may pass.
func (r *Runner) build(ctx context.Context) {
	pause := minBackoff
	for {
		err := r.Rebuild(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		r.logger.Error("read model not built", "error", err)
		// One that begins at the start is only refused a position when the log was
		// restored meanwhile.
		if undigested(err) {
			r.depose(err)
			return
		}
		if !rest(ctx, &pause) {
			return
		}
	}
}

func (r *Runner) open(ctx context.Context, build readmodel.Build) error {
	p, err := r.load(ctx, build)
	if err == nil {
		r.serve(r.keep(p), nil)
	}
	return err
}

// load opens a build that belongs to the log.
func (r *Runner) load(ctx context.Context, build readmodel.Build) (*pipeline, error) {
	store, err := r.engine.Open(ctx, r.model, build)
	if err != nil {
		return nil, err
	}
	position, waiting, err := checkCheckpoint(ctx, r.log, store)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	p := r.newPipeline(store, build, position, r.onCommit)
	p.waiting = waiting
	return p, nil
}

func (r *Runner) newPipeline(store readmodel.Store, build readmodel.Build, position eventlog.Position, onCommit func(Commit)) *pipeline {
	p := newPipeline(r.log, store, build, position, r.logger, onCommit)
	p.shared = r.shared != nil
	return p
}

// keep projects, for as long as this process does.
func (r *Runner) keep(p *pipeline) *keeping {
	ctx, cancel := context.WithCancel(r.reign())
	k := &keeping{pipeline: p, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(k.done)
		if err := p.run(ctx); err != nil && !p.filling {
			r.depose(err)
		}
	}()
	return k
}

// stop ends the pipeline and waits for it; what it committed stays readable.
func (k *keeping) stop() {
	k.cancel()
	<-k.done
}

// dropOthers removes builds, up to a version, that a crash or another program left
// behind.
func (r *Runner) dropOthers(ctx context.Context, keep readmodel.Build, version int) {
	builds, err := r.engine.Builds(ctx, r.model.Name)
	for _, b := range builds {
		_, free := r.free[b]
		if b != keep && (b.Version <= version || free) && r.mayDrop(ctx, b) {
			err = errors.Join(err, r.engine.Drop(ctx, r.model.Name, b))
			delete(r.free, b)
		}
	}
	if err != nil {
		r.logger.Warn("old builds not dropped", "error", err)
	}
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

package projections_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// faultyEngine is the disk as one process has it: slow, at times full, and with
// answers that come when it is known already, or never.
type faultyEngine struct {
	*memoryEngine
	p *process
}

func (e faultyEngine) Builds(ctx context.Context, model string) ([]readmodel.Build, error) {
	if err := e.p.fails(ctx, e.p.source("disk"), errFull); err != nil {
		return nil, err
	}
	return e.memoryEngine.Builds(ctx, model)
}

func (e faultyEngine) Serving(ctx context.Context, model string) (readmodel.Build, error) {
	if err := e.p.fails(ctx, e.p.source("disk"), errFull); err != nil {
		return readmodel.Build{}, err
	}
	return e.memoryEngine.Serving(ctx, model)
}

func (e faultyEngine) Serve(ctx context.Context, model string, build readmodel.Build) error {
	src := e.p.source("disk")
	return e.p.write(ctx, src, func() error {
		err := e.memoryEngine.Serve(ctx, model, build)
		e.p.say("lets build %d serve: %v", build.Number, err)
		return err
	})
}

func (e faultyEngine) Drop(ctx context.Context, model string, build readmodel.Build) error {
	src := e.p.source("disk")
	return e.p.write(ctx, src, func() error {
		e.p.say("drops build %d", build.Number)
		return e.memoryEngine.Drop(ctx, model, build)
	})
}

func (e faultyEngine) Create(ctx context.Context, model readmodel.Model) (readmodel.Build, readmodel.Store, error) {
	src := e.p.source("disk")
	if err := e.p.fails(ctx, src, errFull); err != nil {
		return readmodel.Build{}, nil, err
	}
	build, s, err := e.memoryEngine.Create(ctx, model)
	if err != nil {
		return build, nil, err
	}
	e.p.say("begins build %d", build.Number)
	return build, faultyStore{s.(*memoryStore), e.p, build, e.p.source("store")}, nil
}

func (e faultyEngine) Open(ctx context.Context, model readmodel.Model, build readmodel.Build) (readmodel.Store, error) {
	src := e.p.source("disk")
	if err := e.p.fails(ctx, src, errFull); err != nil {
		return nil, err
	}
	s, err := e.memoryEngine.Open(ctx, model, build)
	if err != nil {
		return nil, err
	}
	e.p.say("opens build %d", build.Number)
	return faultyStore{s.(*memoryStore), e.p, build, e.p.source("store")}, nil
}

// write does something to the disk, or not, and answers late and not always truly.
func (p *process) write(ctx context.Context, src *rand.Rand, write func() error) error {
	if err := p.fails(ctx, src, errFull); err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	err := p.fails(context.WithoutCancel(ctx), src, errDark)
	if errors.Is(err, errDark) {
		p.say("is not told that it was written")
	}
	return err
}

type faultyStore struct {
	*memoryStore
	p     *process
	build readmodel.Build
	src   *rand.Rand
}

func (s faultyStore) Apply(ctx context.Context, from, to readmodel.Checkpoint, operations []readmodel.Operation) error {
	err := s.p.write(ctx, s.src, func() error {
		rows, err := s.apply(ctx, from, to, operations)
		if err != nil {
			s.p.say("cannot write to build %d: %v", s.build.Number, err)
			return err
		}
		s.p.say("writes build %d from %s to %s, %d operations", s.build.Number, shortOf(from), shortOf(to), len(operations))
		s.p.wrote(from, to, rows)
		return nil
	})
	if err != nil && !errors.Is(err, readmodel.ErrMoved) {
		s.memoryStore.fail()
	}
	return err
}

func (s faultyStore) Finish(ctx context.Context) error {
	return s.p.write(ctx, s.src, func() error {
		s.p.say("has filled build %d", s.build.Number)
		return s.memoryStore.Finish(ctx)
	})
}

func (s faultyStore) Checkpoint(ctx context.Context) (readmodel.Checkpoint, error) {
	if err := s.p.fails(ctx, s.src, errFull); err != nil {
		return readmodel.Checkpoint{}, err
	}
	return s.memoryStore.Checkpoint(ctx)
}

func (s faultyStore) View(ctx context.Context, read func(readmodel.Query) error) (readmodel.Checkpoint, error) {
	if err := s.p.pause(ctx, s.p.source("view")); err != nil {
		return readmodel.Checkpoint{}, err
	}
	return s.memoryStore.View(ctx, read)
}

// wrote is the oracle at its strictest: not only what is served, but every
// transaction of every build has the rows of a replay up to there.
func (p *process) wrote(from, to readmodel.Checkpoint, rows *memoryRows) {
	if wrong := p.s.history.check(rows); wrong != "" {
		p.s.fail("%s has written what is wrong: %s", p.name, wrong)
	}
	if r, ok := p.s.history.passed(from, to); ok && !p.newer {
		p.s.fail("%s has passed %s at %s, which its version cannot digest", p.name, r.Kind, short(r.Position))
	}
}

// short is a position without the name of its log.
func short(p eventlog.Position) string {
	return p.String()[strings.IndexByte(p.String(), '-')+1:]
}

func shortOf(c readmodel.Checkpoint) string {
	p, _ := eventlog.ParsePosition(c.Position)
	return short(p)
}

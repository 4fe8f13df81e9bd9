package projections_test

import (
	"context"
	"iter"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// cutLog cuts what follows into batches of the sizes it is told.
type cutLog struct {
	eventlog.Log
	size func() int
}

func (l cutLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		for batch, err := range l.Log.Follow(ctx, after) {
			for err == nil {
				n := max(1, l.size())
				if n >= len(batch.Events) {
					break
				}
				if !yield(eventlog.Batch{Events: batch.Events[:n:n], Through: batch.Events[n-1].Position}, nil) {
					return
				}
				batch.Events = batch.Events[n:]
			}
			if !yield(batch, err) {
				return
			}
		}
	}
}

// hookedEngine lets a test stand before the writes of every store.
type hookedEngine struct {
	readmodel.Engine
	apply    func(build readmodel.Build, s readmodel.Store, apply func() error) error
	finished func() // before a build ends being filled; may be nil
}

func (e *hookedEngine) Create(ctx context.Context, m readmodel.Model) (readmodel.Build, readmodel.Store, error) {
	b, s, err := e.Engine.Create(ctx, m)
	return b, hookedStore{s, e, b}, err
}

func (e *hookedEngine) Open(ctx context.Context, m readmodel.Model, b readmodel.Build) (readmodel.Store, error) {
	s, err := e.Engine.Open(ctx, m, b)
	return hookedStore{s, e, b}, err
}

type hookedStore struct {
	readmodel.Store
	engine *hookedEngine
	build  readmodel.Build
}

func (s hookedStore) Finish(ctx context.Context) error {
	if s.engine.finished != nil {
		s.engine.finished()
	}
	return s.Store.Finish(ctx)
}

func (s hookedStore) Apply(ctx context.Context, from, to readmodel.Checkpoint, operations []readmodel.Operation) error {
	return s.engine.apply(s.build, s.Store, func() error { return s.Store.Apply(ctx, from, to, operations) })
}

// untilLog shows the log up to a position, as if nothing came after it yet.
type untilLog struct {
	eventlog.Log
	until eventlog.Position
}

func (l untilLog) Head(context.Context) (eventlog.Position, error) { return l.until, nil }

func (l untilLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		for batch, err := range l.Log.Follow(ctx, after) {
			events := len(batch.Events)
			for events > 0 && batch.Events[events-1].Position.Compare(l.until) > 0 {
				events--
			}
			if err == nil && events < len(batch.Events) {
				if yield(eventlog.Batch{Events: batch.Events[:events], Through: l.until, CaughtUp: true}, nil) {
					<-ctx.Done()
					yield(eventlog.Batch{}, ctx.Err())
				}
				return
			}
			if batch.Through == l.until {
				batch.CaughtUp = true
			}
			if !yield(batch, err) {
				return
			}
		}
	}
}

// agedLog is the log as one finds it some time later.
type agedLog struct {
	eventlog.Log
	age time.Duration
}

func (l agedLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		for batch, err := range l.Log.Follow(ctx, after) {
			for i := range batch.Events {
				batch.Events[i].Time = batch.Events[i].Time.Add(-l.age)
			}
			if !yield(batch, err) {
				return
			}
		}
	}
}

// unservable is an engine whose pointer or files cannot be changed.
type unservable struct {
	readmodel.Engine
	before func() error // Serve, of all but the first build
	drop   error
}

func (e *unservable) Serve(ctx context.Context, model string, b readmodel.Build) error {
	if e.before != nil {
		if err := e.before(); err != nil {
			return err
		}
	}
	return e.Engine.Serve(ctx, model, b)
}

func (e *unservable) Drop(ctx context.Context, model string, b readmodel.Build) error {
	if e.drop != nil {
		return e.drop
	}
	return e.Engine.Drop(ctx, model, b)
}

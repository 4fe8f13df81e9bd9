package readapi_test

import (
	"context"
	"sync/atomic"

	"lobby.example/readapi"
	"lobby.example/readmodel"
)

// gatedEngine writes only while there is something in the gate.
type gatedEngine struct {
	readmodel.Engine
	gate chan struct{}
}

func (e gatedEngine) Create(ctx context.Context, m readmodel.Model) (readmodel.Build, readmodel.Store, error) {
	b, s, err := e.Engine.Create(ctx, m)
	return b, gatedStore{s, e.gate}, err
}

func (e gatedEngine) Open(ctx context.Context, m readmodel.Model, b readmodel.Build) (readmodel.Store, error) {
	s, err := e.Engine.Open(ctx, m, b)
	return gatedStore{s, e.gate}, err
}

type gatedStore struct {
	readmodel.Store
	gate chan struct{}
}

func (s gatedStore) Apply(ctx context.Context, from, to readmodel.Checkpoint, operations []readmodel.Operation) error {
	select {
	case <-s.gate:
		defer func() { s.gate <- struct{}{} }()
		return s.Store.Apply(ctx, from, to, operations)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// counted counts the looks at a model.
type counted struct {
	readapi.Model
	views *atomic.Int32
}

func (m counted) View(ctx context.Context, read func(readmodel.Query) error) (readmodel.Checkpoint, error) {
	m.views.Add(1)
	return m.Model.View(ctx, read)
}

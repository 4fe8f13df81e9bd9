// Package postgres is the engine of read models for those who outgrow one
// machine: a schema of PostgreSQL for each build, and a schema that says which
// builds there are and which one serves.
//
// It promises what readmodel.Engine promises: rows and checkpoint are one
// transaction, a View is one snapshot that writes do not hold up, and which build
// serves changes at once or not at all. Besides, it promises what several
// processes need: one of them at a time owns a model (Own), all of them hear of
// every commit (Follow), and whoever writes without being the owner, or after
// having been it, is refused by the checkpoint. After a crash of the server a
// build may have lost its last transactions, but never a part of one: what is
// missing is in the log.
//
// Its tables are plain ones, with comments, for analysts to read with psql.
// Identifiers are texts there, not uuid or bytea: the name of a stream is one, so
// is the empty text, and whoever looks into a table can compare what stands there
// with the log and with what the API says. As bytes they would take half of the
// room and nobody could read them. All texts are ordered by their bytes, whatever
// the database does.
//
// It never opens a build that was not finished, never keeps what cannot be made
// again from the log, and never touches a schema that it did not make.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"lobby.example/readmodel"
)

// Options say how builds are opened. The zero value is a good choice.
type Options struct {
	// Schema is where it is written which builds there are, "lobby" where empty. The
	// schemas of builds begin with it, so engines with different ones share a
	// database and nothing else.
	Schema string
	// Readers bounds the Views of one store that run at the same time, more wait;
	// 0 means two more than twice GOMAXPROCS, and 18 at most. Each is a connection.
	Readers int
}

// Engine is a readmodel.Engine in one database.
type Engine struct {
	url     string
	home    string
	readers int
	pool    *pgxpool.Pool // for what is not about one build

	mu     sync.Mutex
	stores map[*Store]struct{}
	gate   gate
}

var _ readmodel.Shared = (*Engine)(nil)

var (
	modelName  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	schemaName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)
)

// Open connects with a database, "postgres://user:password@host/database", as a
// user who may create schemas there. It opens no build yet.
func Open(ctx context.Context, url string, options Options) (*Engine, error) {
	e := &Engine{url: url, home: options.Schema, readers: options.Readers, stores: map[*Store]struct{}{}}
	if e.home == "" {
		e.home = "lobby"
	}
	if !schemaName.MatchString(e.home) {
		return nil, fmt.Errorf("postgres: %q is no name for a schema", e.home)
	}
	if e.readers <= 0 {
		e.readers = min(2*runtime.GOMAXPROCS(0), 16) + 2
	}
	var err error
	if e.pool, err = connect(ctx, url, 4, nil, always); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if err := e.prepare(ctx); err != nil {
		e.pool.Close()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return e, nil
}

// Create makes the schema of a new build.
func (e *Engine) Create(ctx context.Context, model readmodel.Model) (readmodel.Build, readmodel.Store, error) {
	if err := e.enter(model.Name); err != nil {
		return readmodel.Build{}, nil, err
	}
	defer e.gate.leave()
	coalescer, err := readmodel.NewCoalescer(model)
	if err != nil {
		return readmodel.Build{}, nil, err
	}
	b, err := e.createBuild(ctx, model)
	if err != nil {
		return readmodel.Build{}, nil, fmt.Errorf("postgres: create %s: %w", model.Name, err)
	}
	s, err := openStore(ctx, e, model, b, coalescer)
	if err != nil {
		return readmodel.Build{}, nil, fmt.Errorf("postgres: create %s: %w", model.Name, err)
	}
	s.filling = true
	e.keep(s)
	return b, s, nil
}

// Open opens a build that was finished.
func (e *Engine) Open(ctx context.Context, model readmodel.Model, build readmodel.Build) (readmodel.Store, error) {
	if err := e.enter(model.Name); err != nil {
		return nil, err
	}
	defer e.gate.leave()
	coalescer, err := readmodel.NewCoalescer(model)
	if err != nil {
		return nil, err
	}
	err = e.checkFinished(ctx, e.pool, model.Name, build)
	if err == nil {
		var s *Store
		if s, err = openStore(ctx, e, model, build, coalescer); err == nil {
			e.keep(s)
			return s, nil
		}
	}
	return nil, fmt.Errorf("postgres: open %s: %w", e.schema(model.Name, build), err)
}

// Drop closes the stores of the build that are open here, and removes its schema.
// After the build that serves was dropped, none does. Who has a View of it, in
// whatever process, is waited for a few seconds, after which Drop fails.
func (e *Engine) Drop(ctx context.Context, model string, build readmodel.Build) error {
	if err := e.enter(model); err != nil {
		return err
	}
	defer e.gate.leave()
	for _, s := range e.opened(e.schema(model, build)) {
		s.Close()
	}
	if err := e.dropBuild(ctx, model, build); err != nil {
		return fmt.Errorf("postgres: drop %s: %w", e.schema(model, build), err)
	}
	return nil
}

// Close closes the stores that are still open, and waits for what runs in them.
func (e *Engine) Close() error {
	e.gate.shut()
	var err error
	for _, s := range e.opened("") {
		err = errors.Join(err, s.Close())
	}
	e.gate.wait()
	for _, s := range e.opened("") { // that was being opened
		err = errors.Join(err, s.Close())
	}
	e.pool.Close()
	return err
}

// opened lists the open stores of a schema, or all of them.
func (e *Engine) opened(schema string) []*Store {
	e.mu.Lock()
	defer e.mu.Unlock()
	var stores []*Store
	for s := range e.stores {
		if schema == "" || s.schema == schema {
			stores = append(stores, s)
		}
	}
	return stores
}

// keep remembers a store to close it with the engine.
func (e *Engine) keep(s *Store) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stores[s] = struct{}{}
}

func (e *Engine) forget(s *Store) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.stores, s)
}

// enter lets a call in that leaves by the gate.
func (e *Engine) enter(model string) error {
	if !modelName.MatchString(model) {
		return fmt.Errorf("postgres: %q is no name for a model", model)
	}
	return e.gate.enter()
}

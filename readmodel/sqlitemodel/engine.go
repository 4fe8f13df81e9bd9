// Package sqlitemodel is the embedded engine of read models: one SQLite file for
// each build, all in one directory, and a small file that says which one serves.
//
// It promises what readmodel.Engine promises: rows and checkpoint are one
// transaction, a View is one snapshot that writes do not hold up, and which build
// serves changes at once or not at all. After a power cut a build may have lost
// its last transactions, but never a part of one: what is missing is in the log.
//
// It never opens a build that was not finished, and never keeps what cannot be
// made again from the log.
package sqlitemodel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"lobby.example/readmodel"
)

// Options say how builds are opened. The zero value is a good choice.
type Options struct {
	// Readers bounds the Views of one store that run at the same time, more wait;
	// 0 means two more than goroutines run at once (GOMAXPROCS), and 18 at most. Each keeps up to 8 MiB
	// of pages, which take twice that in memory.
	Readers int
}

// Engine is a readmodel.Engine in one directory.
type Engine struct {
	dir     string
	readers int

	mu     sync.Mutex
	stores map[*Store]struct{}
	closed bool
}

var _ readmodel.Engine = (*Engine)(nil)

// Open makes the directory if it is not there. It opens no build yet.
func Open(dir string, options Options) (*Engine, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("sqlitemodel: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("sqlitemodel: %w", err)
	}
	e := &Engine{dir: dir, readers: options.Readers, stores: map[*Store]struct{}{}}
	if e.readers <= 0 {
		e.readers = min(runtime.GOMAXPROCS(0), 16) + 2
	}
	return e, nil
}

var (
	modelName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	buildFile = regexp.MustCompile(`^([a-z][a-z0-9_]*)-v([0-9]+)-b([0-9]+)\.sqlite$`)
)

func (e *Engine) path(model string, b readmodel.Build) string {
	return filepath.Join(e.dir, fmt.Sprintf("%s-v%d-b%d.sqlite", model, b.Version, b.Number))
}

// Builds lists the finished and the unfinished, ordered by version and number.
func (e *Engine) Builds(ctx context.Context, model string) ([]readmodel.Build, error) {
	if err := e.usable(ctx, model); err != nil {
		return nil, err
	}
	return e.builds(model)
}

func (e *Engine) builds(model string) ([]readmodel.Build, error) {
	entries, err := os.ReadDir(e.dir)
	if err != nil {
		return nil, fmt.Errorf("sqlitemodel: %w", err)
	}
	var builds []readmodel.Build
	for _, entry := range entries {
		if m := buildFile.FindStringSubmatch(entry.Name()); m != nil && m[1] == model {
			version, _ := strconv.Atoi(m[2])
			number, _ := strconv.Atoi(m[3])
			builds = append(builds, readmodel.Build{Version: version, Number: number})
		}
	}
	slices.SortFunc(builds, func(a, b readmodel.Build) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Number, b.Number))
	})
	return builds, nil
}

// Create makes the file of a new build.
func (e *Engine) Create(ctx context.Context, model readmodel.Model) (readmodel.Build, readmodel.Store, error) {
	if err := e.usable(ctx, model.Name); err != nil {
		return readmodel.Build{}, nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	builds, err := e.builds(model.Name)
	if err != nil {
		return readmodel.Build{}, nil, err
	}
	b := readmodel.Build{Version: model.Version, Number: 1}
	for _, other := range builds {
		if other.Version == b.Version {
			b.Number = other.Number + 1
		}
	}
	s, err := createStore(ctx, e, model, e.path(model.Name, b))
	if err != nil {
		return readmodel.Build{}, nil, fmt.Errorf("sqlitemodel: create %s: %w", e.path(model.Name, b), known(err))
	}
	return b, s, e.keep(s)
}

// Open opens a build that was finished.
func (e *Engine) Open(ctx context.Context, model readmodel.Model, build readmodel.Build) (readmodel.Store, error) {
	if err := e.usable(ctx, model.Name); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s, err := openStore(ctx, e, model, e.path(model.Name, build))
	if err != nil {
		return nil, fmt.Errorf("sqlitemodel: open %s: %w", e.path(model.Name, build), err)
	}
	return s, e.keep(s)
}

// Drop closes the stores of the build that are open here, and removes its files.
// After the build that serves was dropped, none does.
func (e *Engine) Drop(ctx context.Context, model string, build readmodel.Build) error {
	if err := e.usable(ctx, model); err != nil {
		return err
	}
	path := e.path(model, build)
	for _, s := range e.opened(path) {
		s.Close()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	serving, err := e.readPointer(model)
	if err == nil && serving == build {
		err = e.removePointer(model)
	}
	if err != nil {
		return err
	}
	// The database goes last: as long as it is there, the build is found.
	for _, end := range []string{"-journal", "-wal", "-shm", ""} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sqlitemodel: drop: %w", err)
		}
	}
	return syncDir(e.dir)
}

// Close closes the stores that are still open, and waits for what runs in them.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	var err error
	for _, s := range e.opened("") {
		err = errors.Join(err, s.Close())
	}
	return err
}

// opened lists the open stores of a file, or all of them.
func (e *Engine) opened(path string) []*Store {
	e.mu.Lock()
	defer e.mu.Unlock()
	var stores []*Store
	for s := range e.stores {
		if path == "" || s.path == path {
			stores = append(stores, s)
		}
	}
	return stores
}

// keep remembers a store to close it with the engine. The caller holds the mutex.
func (e *Engine) keep(s *Store) error {
	if e.closed {
		return errors.Join(readmodel.ErrClosed, s.release())
	}
	e.stores[s] = struct{}{}
	return nil
}

func (e *Engine) forget(s *Store) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.stores, s)
}

func (e *Engine) usable(ctx context.Context, model string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return readmodel.ErrClosed
	}
	if !modelName.MatchString(model) {
		return fmt.Errorf("sqlitemodel: %q is no name for a model", model)
	}
	return ctx.Err()
}

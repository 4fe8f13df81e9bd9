package projections_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"

	"lobby.example/readmodel"
)

// memoryDisk is where builds are when no process has them open.
type memoryDisk struct {
	mu      sync.Mutex
	builds  map[string]map[readmodel.Build]*memoryBuild
	serving map[string]readmodel.Build
}

// memoryBuild is one build on the disk. Its rows are never changed, but replaced.
type memoryBuild struct {
	finished bool
	dropped  bool
	rows     *memoryRows
	before   []*memoryRows // the last few that the rows were since it is finished
}

func newMemoryDisk() *memoryDisk {
	return &memoryDisk{builds: map[string]map[readmodel.Build]*memoryBuild{}, serving: map[string]readmodel.Build{}}
}

// powerCut takes up to n of the last transactions of each build, as a disk does
// that did not have to write them yet.
func (d *memoryDisk) powerCut(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, builds := range d.builds {
		for _, b := range builds {
			for range min(n, len(b.before)) {
				last := len(b.before) - 1
				b.rows, b.before = b.before[last], b.before[:last]
			}
		}
	}
}

// memoryEngine is a true readmodel.Engine in memory, as far as projections and
// readmodel.Dump ask for it: it knows the SQL of statements by heart.
type memoryEngine struct {
	disk   *memoryDisk
	closed bool           // under the disk's mutex
	stores []*memoryStore // likewise
}

func (e *memoryEngine) usable(ctx context.Context) error {
	if e.closed {
		return readmodel.ErrClosed
	}
	return ctx.Err()
}

func (e *memoryEngine) Builds(ctx context.Context, model string) ([]readmodel.Build, error) {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	return slices.SortedFunc(maps.Keys(e.disk.builds[model]), func(a, b readmodel.Build) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Number, b.Number))
	}), e.usable(ctx)
}

func (e *memoryEngine) Serving(ctx context.Context, model string) (readmodel.Build, error) {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	return e.disk.serving[model], e.usable(ctx)
}

func (e *memoryEngine) Serve(ctx context.Context, model string, build readmodel.Build) error {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	if err := e.usable(ctx); err != nil {
		return err
	}
	if b := e.disk.builds[model][build]; b == nil || !b.finished {
		return readmodel.ErrNoBuild
	}
	e.disk.serving[model] = build
	return nil
}

var modelName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (e *memoryEngine) Create(ctx context.Context, model readmodel.Model) (readmodel.Build, readmodel.Store, error) {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	if err := e.usable(ctx); err != nil {
		return readmodel.Build{}, nil, err
	}
	if !modelName.MatchString(model.Name) {
		return readmodel.Build{}, nil, fmt.Errorf("%q is no name for a model", model.Name)
	}
	build := readmodel.Build{Version: model.Version, Number: 1}
	for other := range e.disk.builds[model.Name] {
		if other.Version == build.Version {
			build.Number = max(build.Number, other.Number+1)
		}
	}
	if e.disk.builds[model.Name] == nil {
		e.disk.builds[model.Name] = map[readmodel.Build]*memoryBuild{}
	}
	b := &memoryBuild{rows: newMemoryRows(model)}
	e.disk.builds[model.Name][build] = b
	s, err := e.open(model, b)
	return build, s, err
}

func (e *memoryEngine) open(model readmodel.Model, b *memoryBuild) (readmodel.Store, error) {
	coalescer, err := readmodel.NewCoalescer(model)
	s := &memoryStore{engine: e, build: b, coalescer: coalescer}
	e.stores = append(e.stores, s)
	return s, err
}

func (e *memoryEngine) Open(ctx context.Context, model readmodel.Model, build readmodel.Build) (readmodel.Store, error) {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	if err := e.usable(ctx); err != nil {
		return nil, err
	}
	b := e.disk.builds[model.Name][build]
	if b == nil || !b.finished {
		return nil, readmodel.ErrNoBuild
	}
	return e.open(model, b)
}

func (e *memoryEngine) Drop(ctx context.Context, model string, build readmodel.Build) error {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	if err := e.usable(ctx); err != nil {
		return err
	}
	if b := e.disk.builds[model][build]; b != nil {
		b.dropped = true
	}
	delete(e.disk.builds[model], build)
	if e.disk.serving[model] == build {
		delete(e.disk.serving, model)
	}
	return nil
}

func (e *memoryEngine) Close() error {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	e.closed = true
	for _, s := range e.stores {
		s.closed = true
	}
	return nil
}

// memoryStore is a build as one process has it open.
type memoryStore struct {
	engine    *memoryEngine
	build     *memoryBuild
	coalescer *readmodel.Coalescer
	closed    bool
}

// errGone is what a build answers that another process has dropped.
var errGone = fmt.Errorf("%w any more", readmodel.ErrNoBuild)

func (s *memoryStore) usable(ctx context.Context) error {
	switch {
	case s.closed:
		return readmodel.ErrClosed
	case s.build.dropped && slices.Contains(s.engine.stores, s):
		return errors.Join(readmodel.ErrClosed, errGone)
	}
	return ctx.Err()
}

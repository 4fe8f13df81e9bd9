package projections_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest"
)

func TestTheMemoryEngineIsAnEngine(t *testing.T) {
	places := map[string]*memoryDisk{}
	readmodeltest.Exercise(t, readmodeltest.Engine{
		Place: func(t testing.TB) string {
			place := t.TempDir()
			places[place] = newMemoryDisk()
			return place
		},
		Open: func(_ testing.TB, place string) readmodel.Engine { return &memoryEngine{disk: places[place]} },
		// The others ask with SQL of their own, or want a process to be killed, which
		// would take its memory along.
		Only: []string{
			"builds are numbered and listed", "the serving pointer survives reopening", "a build that serves can be dropped",
			"an unfinished build is not opened", "a build is used while it is filled and after", "Apply is atomic",
			"of two writers one wins", "deleting what is not there", "a delete forgets what was", "a statement is a barrier",
			"a table of another model is refused", "P07 any batch cuts give equal tables", "closed is closed",
		},
	})
}

func (s *memoryStore) Checkpoint(ctx context.Context) (readmodel.Checkpoint, error) {
	return s.View(ctx, func(readmodel.Query) error { return nil })
}

func (s *memoryStore) Apply(ctx context.Context, from, to readmodel.Checkpoint, operations []readmodel.Operation) error {
	_, err := s.apply(ctx, from, to, operations)
	return err
}

// apply answers with the rows that came of it.
func (s *memoryStore) apply(ctx context.Context, from, to readmodel.Checkpoint, operations []readmodel.Operation) (*memoryRows, error) {
	s.engine.disk.mu.Lock()
	defer s.engine.disk.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if s.build.rows.checkpoint != from {
		return nil, readmodel.ErrMoved
	}
	next := s.build.rows.change()
	if err := s.coalescer.Each(operations, next.write); err != nil {
		s.closed = s.closed || !s.build.finished
		return nil, err
	}
	if s.build.finished {
		s.build.before = append(s.build.before, s.build.rows)
		s.build.before = s.build.before[max(0, len(s.build.before)-5):]
	}
	s.build.rows = next.done(to)
	return s.build.rows, nil
}

// fail is what a failed write does to a build that is only filled.
func (s *memoryStore) fail() {
	s.engine.disk.mu.Lock()
	defer s.engine.disk.mu.Unlock()
	s.closed = s.closed || !s.build.finished
}

func (s *memoryStore) View(ctx context.Context, read func(readmodel.Query) error) (readmodel.Checkpoint, error) {
	s.engine.disk.mu.Lock()
	rows, err := s.build.rows, s.usable(ctx)
	s.engine.disk.mu.Unlock()
	if err != nil {
		return readmodel.Checkpoint{}, err
	}
	return rows.checkpoint, read(memoryQuery{rows})
}

func (s *memoryStore) Finish(ctx context.Context) error {
	s.engine.disk.mu.Lock()
	defer s.engine.disk.mu.Unlock()
	err := s.usable(ctx)
	if err == nil {
		s.build.finished = true
	}
	return err
}

func (s *memoryStore) Close() error {
	s.engine.disk.mu.Lock()
	defer s.engine.disk.mu.Unlock()
	s.closed = true
	return nil
}

// memoryQuery answers what readmodel.Dump asks, and nothing else.
type memoryQuery struct{ rows *memoryRows }

var dumpQuery = regexp.MustCompile(`^select "[a-z0-9_", ]+" from "([a-z_]+)" order by "[a-z0-9_", ]+"$`)

func (q memoryQuery) Rows(ctx context.Context, sql string, each func(scan func(...any) error) error, args ...any) error {
	asked := dumpQuery.FindStringSubmatch(sql)
	if asked == nil || len(args) > 0 {
		return errors.ErrUnsupported
	}
	table := q.rows.model.Tables[q.rows.table(asked[1])]
	for _, row := range q.rows.sorted(asked[1]) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := each(func(into ...any) error {
			for i := range into {
				scanMemory(table.Columns[i], row.values[i], into[i])
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (q memoryQuery) Row(context.Context, string, []any, ...any) (bool, error) {
	return false, errors.ErrUnsupported
}

func (q memoryQuery) Match(string, string, int, []readmodel.Term) (string, any) { return "false", nil }

// text is all rows, as readmodel.Dump writes them.
func (r *memoryRows) text() string {
	var b strings.Builder
	build := &memoryBuild{finished: true, rows: r}
	s := &memoryStore{engine: &memoryEngine{disk: newMemoryDisk()}, build: build}
	if _, err := readmodel.Dump(context.Background(), s, r.model, &b); err != nil {
		return fmt.Sprint(err)
	}
	return b.String()
}

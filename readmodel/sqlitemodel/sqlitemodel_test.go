package sqlitemodel

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest"
)

func TestEngine(t *testing.T) {
	readmodeltest.Exercise(t, readmodeltest.Engine{
		Place: func(t testing.TB) string { return t.TempDir() },
		Open: func(t testing.TB, place string) readmodel.Engine {
			e, err := Open(place, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return e
		},
	})
}

func dump(t *testing.T, s readmodel.Store) string {
	t.Helper()
	var text bytes.Buffer
	if _, err := readmodel.Dump(t.Context(), s, benchModel, &text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// limit lets the file of a store grow by a few pages only, as a full disk would.
func limit(t *testing.T, s *Store, pages string) {
	t.Helper()
	c, err := s.writer.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.writer.put(c)
	if err := c.script(t.Context(), "pragma max_page_count = "+pages); err != nil {
		t.Fatal(err)
	}
}

func TestAFullDiskLeavesRowsAndCheckpoint(t *testing.T) {
	s := openBench(t).(*Store)
	from := newSource()
	at := apply(t, s, readmodel.Checkpoint{}, from.operations(500))
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := dump(t, s)
	limit(t, s, "30")
	big := from.operations(1500)
	for range 3 {
		err := s.Apply(t.Context(), at, readmodel.Checkpoint{Position: "2"}, big)
		if !errors.Is(err, readmodel.ErrFull) {
			t.Fatalf("error is %v", err)
		}
		if dump(t, s) != want {
			t.Fatal("rows changed")
		}
		if got, err := s.Checkpoint(t.Context()); err != nil || got != at {
			t.Fatalf("checkpoint is %v, want %v: %v", got, at, err)
		}
	}
	limit(t, s, "1000000")
	apply(t, s, at, big)
	if got := strings.Count(dump(t, s), "\n"); got != 2000 {
		t.Fatalf("%d rows", got)
	}
}

func TestAFailureWhileFillingClosesTheStore(t *testing.T) {
	e, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	from := newSource()
	for name, fail := range map[string]func(*Store) error{
		"apply": func(s *Store) error {
			limit(t, s, "10")
			return s.Apply(t.Context(), readmodel.Checkpoint{}, readmodel.Checkpoint{Position: "1"}, from.operations(5000))
		},
		"finish": func(s *Store) error {
			c, err := s.writer.take(t.Context())
			if err != nil {
				return err
			}
			if err := c.script(t.Context(), "create table message_by_channel_at (x integer)"); err != nil { // in the way of the index
				return err
			}
			s.writer.put(c)
			return s.Finish(t.Context())
		},
	} {
		b, s, err := e.Create(t.Context(), benchModel)
		if err != nil {
			t.Fatal(err)
		}
		if err := fail(s.(*Store)); err == nil || errors.Is(err, readmodel.ErrClosed) {
			t.Fatalf("%s: error is %v", name, err)
		}
		if _, err := s.Checkpoint(t.Context()); !errors.Is(err, readmodel.ErrClosed) {
			t.Fatalf("%s: error afterwards is %v", name, err)
		}
		if _, err := e.Open(t.Context(), benchModel, b); !errors.Is(err, readmodel.ErrNoBuild) {
			t.Fatalf("%s: opening gives %v", name, err)
		}
		if err := e.Drop(t.Context(), benchModel.Name, b); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(e.dir); err != nil || len(left) > 0 {
		t.Fatalf("left are %v: %v", left, err)
	}
}

func TestWhatIsNoBuildIsNotOpened(t *testing.T) {
	e, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	b := readmodel.Build{Version: 1, Number: 1}
	path := e.path(benchModel.Name, b)
	for name, content := range map[string]string{"empty": "", "torn": "SQLite format 3\x00" + strings.Repeat("x", 5000), "other": "hello"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Open(t.Context(), benchModel, b); !errors.Is(err, readmodel.ErrNoBuild) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	// What a power cut leaves between the last commit and the end of Finish.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	b, s, err := e.Create(t.Context(), benchModel)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), readmodel.Checkpoint{}, readmodel.Checkpoint{Position: "1"}, []readmodel.Operation{readmodel.Statement("update readmodel_checkpoint set finished = 0")}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Open(t.Context(), benchModel, b); !errors.Is(err, readmodel.ErrNoBuild) {
		t.Errorf("unfinished: error is %v", err)
	}
	if err := os.WriteFile(filepath.Join(e.dir, "bench.serving"), []byte("v1-b1 or so"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := e.Serving(t.Context(), "bench"); err == nil {
		t.Errorf("a damaged pointer names %v", b)
	}
}

func TestStatementsOfOneConnectionAreBounded(t *testing.T) {
	s := openBench(t).(*Store)
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := s.View(t.Context(), func(q readmodel.Query) error {
		for i := range 3 * keptStatements {
			var n int
			if _, err := q.Row(t.Context(), fmt.Sprintf("select %d from message union all select %d", i, i), []any{&n}); err != nil || n != i {
				return fmt.Errorf("%d is %d: %w", i, n, err)
			}
		}
		if kept := len(q.(*query).c.stmts); kept > keptStatements {
			return fmt.Errorf("%d statements", kept)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The write-ahead log is copied beside the writer, and stays bounded where that
// cannot keep up.
func TestTheLogOfWritesIsBounded(t *testing.T) {
	size := func(path string) int64 {
		file, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return file.Size()
	}
	from := newSource()
	for _, beside := range []bool{true, false} {
		s := openBench(t).(*Store)
		if !beside {
			s.checks.due = nil
		}
		if err := s.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		empty := size(s.path)
		at := readmodel.Checkpoint{}
		for range 2 * rowsBetweenCheckpoints / 500 {
			at = apply(t, s, at, from.operations(500))
		}
		for beside && size(s.path) == empty { // else the file grows with the writer's own bound only
			runtime.Gosched()
		}
		if beside {
			continue
		}
		for range 60 {
			at = apply(t, s, at, from.operations(500))
		}
		// The bound is on pages, and one transaction may go over it.
		if got := size(s.path + "-wal"); got > 150<<20 {
			t.Fatalf("the log has %d bytes", got)
		}
	}
}

func TestTablesAreDocumented(t *testing.T) {
	s := openBench(t).(*Store)
	_, err := s.View(t.Context(), func(q readmodel.Query) error {
		var text string
		_, err := q.Row(t.Context(), "select sql from sqlite_schema where name = $1", []any{&text}, "message")
		if !strings.Contains(text, "-- microseconds since 1970, UTC") || !strings.Contains(text, "-- what was written") {
			t.Errorf("the table is described so:\n%s", text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

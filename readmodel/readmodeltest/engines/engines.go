// Package engines runs a test on every engine of read models there is: what
// stands on an engine has to do the same on all of them.
//
// It never skips one. Where there is no PostgreSQL to be had, the test on it fails
// and says what to install.
package engines

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres"
	"lobby.example/readmodel/postgres/pgtest"
	"lobby.example/readmodel/sqlitemodel"
)

// readers is enough for tests to read at the same time, and few enough to wait.
const readers = 4

// Names are those of the engines; the first is what a program has by default.
var Names = []string{"sqlite", "postgres"}

// Each runs the test once for each engine, as a subtest with its name. Open, in it
// and in its own subtests, opens that engine.
func Each(t *testing.T, run func(t *testing.T)) {
	for _, name := range Names {
		t.Run(name, func(t *testing.T) {
			use(t, name)
			run(t)
		})
	}
}

// EachBenchmark is Each for benchmarks.
func EachBenchmark(b *testing.B, run func(b *testing.B)) {
	for _, name := range Names {
		b.Run(name, func(b *testing.B) {
			use(b, name)
			run(b)
		})
	}
}

var (
	used    sync.Map // names of engines by names of tests
	schemas sync.Map // schemas of PostgreSQL by places
)

func use(t testing.TB, engine string) {
	if engine == "postgres" {
		pgtest.URL(t) // a server starts now, or the test ends
	}
	used.Store(t.Name(), engine)
}

// Fewer divides the checks of a property, for as long as the test runs, where each
// takes longer than on the first engine: what they are drawn from is the same.
func Fewer(t *testing.T, by int) {
	if engineOf(t) == Names[0] {
		return
	}
	checks := flag.Lookup("rapid.checks").Value
	before := checks.String()
	n, err := strconv.Atoi(before)
	if err == nil {
		err = checks.Set(strconv.Itoa(max(1, n/by)))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checks.Set(before) })
}

// engineOf is the engine of the test that this one is part of.
func engineOf(t testing.TB) string {
	t.Helper()
	for name := t.Name(); ; {
		if engine, ok := used.Load(name); ok {
			return engine.(string)
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			t.Fatalf("%s opens an engine and does not say which: it has to be run by engines.Each", t.Name())
		}
		name = name[:i]
	}
}

// Open opens the engine of this test at a place, which is a directory by its name:
// the same place has the same builds, until the test's process ends.
func Open(t testing.TB, place string) readmodel.Engine {
	t.Helper()
	var e readmodel.Engine
	var err error
	if engineOf(t) == "sqlite" {
		e, err = sqlitemodel.Open(place, sqlitemodel.Options{Readers: readers})
	} else {
		e, err = postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{Schema: schema(t, place), Readers: readers})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// Lose takes the tables of all builds at a place away, which nobody has open,
// behind the engine's back.
func Lose(t testing.TB, place string) {
	t.Helper()
	if engineOf(t) == "sqlite" {
		files, err := filepath.Glob(filepath.Join(place, "*.sqlite*"))
		for _, file := range files {
			if err == nil {
				err = os.Remove(file)
			}
		}
		if err != nil || len(files) == 0 {
			t.Fatalf("%d files to lose: %v", len(files), err)
		}
		return
	}
	names := run(t, `select schema_name from `+schema(t, place)+`.builds`)
	for _, name := range names {
		run(t, `drop schema `+name+` cascade`)
	}
	if len(names) == 0 {
		t.Fatal("no schemas to lose")
	}
}

// Copy makes a place like another as it is now, as if whoever has that open had
// died at this moment.
func Copy(t testing.TB, from, to string) {
	t.Helper()
	if engineOf(t) == "sqlite" {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		return
	}
	source, target := schema(t, from), schema(t, to)
	for _, name := range run(t, `select nspname::text from pg_namespace where starts_with(nspname, '`+source+`')`) {
		into := strings.Replace(name, source, target, 1)
		run(t, `create schema `+into)
		for _, table := range run(t, `select tablename::text from pg_tables where schemaname = '`+name+`'`) {
			run(t, `create table `+into+`.`+table+` (like `+name+`.`+table+` including all)`)
			run(t, `insert into `+into+`.`+table+` select * from `+name+`.`+table)
		}
	}
	run(t, `update `+target+`.builds set schema_name = replace(schema_name, '`+source+`', '`+target+`')`)
}

// Settle does at once to the tables at a place what their server does by itself
// within minutes after many writes, for benchmarks of what comes then.
func Settle(t testing.TB, place string) {
	t.Helper()
	if engineOf(t) == "sqlite" {
		return
	}
	source := schema(t, place)
	for _, table := range run(t, `select schemaname || '.' || tablename from pg_tables where starts_with(schemaname, '`+source+`_')`) {
		run(t, `vacuum (analyze) `+table)
	}
}

// run runs one statement and reads one column of text.
func run(t testing.TB, sql string) []string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, _ := conn.Query(ctx, sql)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func schema(t testing.TB, place string) string {
	if name, ok := schemas.Load(place); ok {
		return name.(string)
	}
	name, _ := schemas.LoadOrStore(place, pgtest.Schema(t))
	return name.(string)
}

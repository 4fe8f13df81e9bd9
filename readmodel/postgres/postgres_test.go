package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres"
	"lobby.example/readmodel/postgres/pgtest"
	"lobby.example/readmodel/readmodeltest"
)

func TestEngine(t *testing.T) {
	readmodeltest.Exercise(t, readmodeltest.Engine{
		Place: func(t testing.TB) string { return pgtest.Place(t) },
		Open:  func(t testing.TB, place string) readmodel.Engine { return open(t, place) },
	})
}

func open(t testing.TB, place string) *postgres.Engine {
	t.Helper()
	url, schema := pgtest.At(place)
	e, err := postgres.Open(t.Context(), url, postgres.Options{Schema: schema, Readers: 4})
	must(t, err)
	return e
}

// process opens an engine as another process would have it.
func process(t testing.TB, place string) *postgres.Engine {
	t.Helper()
	e := open(t, place)
	t.Cleanup(func() { e.Close() })
	return e
}

var (
	words = &readmodel.Table{
		Name: "message", Key: 1, Doc: "it's what\npeople write",
		Columns: []readmodel.Column{{Name: "id", Type: readmodel.Identifier, Doc: "which"}, {Name: "text"}, {Name: "at", Type: readmodel.Time}},
		Indexes: []readmodel.Index{{Columns: []string{"at"}, Doc: "the latest"}},
	}
	model = readmodel.Model{Name: "m", Version: 1, Tables: []*readmodel.Table{words}}
	write = words.Upsert("id", "text")
)

// built makes a finished build with nothing in it.
func built(t testing.TB, e *postgres.Engine) (readmodel.Build, readmodel.Store) {
	t.Helper()
	b, s, err := e.Create(t.Context(), model)
	must(t, err)
	must(t, s.Finish(t.Context()))
	return b, s
}

func at(n int) readmodel.Checkpoint {
	if n == 0 {
		return readmodel.Checkpoint{}
	}
	return readmodel.Checkpoint{Position: strconv.Itoa(n), Event: "event " + strconv.Itoa(n)}
}

// apply writes one row, from one position to the next.
func apply(t testing.TB, s readmodel.Store, n int) {
	t.Helper()
	id := fmt.Sprintf("00000000-0000-0000-0000-%012d", n)
	must(t, s.Apply(t.Context(), at(n-1), at(n), []readmodel.Operation{write.Row(id, "text")}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTablesAreDocumented(t *testing.T) {
	place := pgtest.Place(t)
	e := process(t, place)
	built(t, e)
	url, schema := pgtest.At(place)
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `select objoid::regclass::text || coalesce('.' || attname, '') || ': ' || description
		from pg_description left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0
		where classoid = 'pg_class'::regclass and objoid::regclass::text like '%`+schema+`%' order by 1`)
	must(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	all := strings.ReplaceAll(strings.Join(list, "\n"), schema, "S")
	for _, want := range []string{"S_m_v1_b1.message: it's what\npeople write", "S_m_v1_b1.message.id: which", "S_m_v1_b1.message_by_at: the latest", "S.builds.finished_at: null while", "S_m_v1_b1.readmodel_checkpoint.position: in the log", "S.serving: "} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q:\n%s", want, all)
		}
	}
}

func TestStatementsOfOneConnectionAreBounded(t *testing.T) {
	_, s := built(t, process(t, pgtest.Place(t)))
	for range 3 {
		must(t, errOf(s.View(t.Context(), func(q readmodel.Query) error {
			for i := range 400 {
				var n int
				if _, err := q.Row(t.Context(), fmt.Sprintf("select count(*) + $1 from message union all select %d", i), []any{&n}, i); err != nil || n != i {
					return fmt.Errorf("%d is %d: %w", i, n, err)
				}
			}
			return nil
		})))
	}
	for range 8 { // every connection there may be
		must(t, errOf(s.View(t.Context(), func(q readmodel.Query) error {
			var kept int
			if _, err := q.Row(t.Context(), "select count(*) from pg_prepared_statements", []any{&kept}); err != nil || kept > 300 {
				return fmt.Errorf("%d statements: %w", kept, err)
			}
			return nil
		})))
	}
}

// What PostgreSQL cannot store is refused, and leaves the store as it was.
func TestWhatCannotBeStoredChangesNothing(t *testing.T) {
	_, s := built(t, process(t, pgtest.Place(t)))
	for _, text := range []string{"a\x00b", "\xff"} {
		err := s.Apply(t.Context(), at(0), at(1), []readmodel.Operation{write.Row("00000000-0000-0000-0000-000000000000", text)})
		if err == nil || !strings.Contains(err.Error(), "UTF8") {
			t.Errorf("%q: error is %v", text, err)
		}
	}
	apply(t, s, 1)
}

func TestADatabaseThatWouldNotDoIsRefused(t *testing.T) {
	url := pgtest.URL(t)
	if _, err := postgres.Open(t.Context(), url, postgres.Options{Schema: "Robert'); --"}); err == nil {
		t.Error("a schema may have any name")
	}
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(context.Background())
	name := pgtest.Schema(t)
	_, err = conn.Exec(t.Context(), `create database `+name+` encoding 'SQL_ASCII' template template0`)
	must(t, err)
	defer conn.Exec(context.Background(), `drop database `+name+` (force)`)
	config := conn.Config()
	_, err = postgres.Open(t.Context(), strings.Replace(url, "/"+config.Database, "/"+name, 1), postgres.Options{})
	if err == nil || !strings.Contains(err.Error(), "SQL_ASCII") {
		t.Errorf("error is %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.Open(ended, url, postgres.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func errOf(_ readmodel.Checkpoint, err error) error { return err }

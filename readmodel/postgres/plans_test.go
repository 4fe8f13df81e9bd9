package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// A statement is planned once. The plan that it got while the table was empty has to
// serve when it is full: to delete a row is to look at one row. That has to be so
// whatever other index the table has, of which a part of the key is the beginning or
// stands somewhere.
func TestDeletingLooksAtNoOtherRows(t *testing.T) {
	const rows, deletes, each = 4000, 5, 100
	column := func(names ...string) (all []readmodel.Column) {
		for _, n := range names {
			all = append(all, readmodel.Column{Name: n})
		}
		return all
	}
	person := func(n int) string { return fmt.Sprint("person ", n%2) }
	channel := func(n int) string { return fmt.Sprint("channel ", n%10) }
	entry := func(n int) string { return fmt.Sprint("entry ", n) }
	for _, c := range []struct {
		table *readmodel.Table
		row   func(n int) []any // the key first
	}{
		{&readmodel.Table{Name: "waiting", Key: 3, Columns: column("person", "channel", "entry")},
			func(n int) []any { return []any{person(n), channel(n), entry(n)} }},
		{&readmodel.Table{Name: "written", Key: 2, Columns: column("channel", "entry", "revision"), Indexes: []readmodel.Index{{Columns: []string{"channel", "revision"}}}},
			func(n int) []any { return []any{channel(n), entry(n), entry(n)} }},
		{&readmodel.Table{Name: "published", Key: 1, Columns: column("entry", "board", "at"), Indexes: []readmodel.Index{{Columns: []string{"board", "at", "entry"}}}},
			func(n int) []any { return []any{entry(n), person(n), entry(n)} }},
	} {
		t.Run(c.table.Name, func(t *testing.T) {
			var names []string
			for _, column := range c.table.Columns {
				names = append(names, column.Name)
			}
			add := c.table.Upsert(names...)
			place := pgtest.Place(t)
			e := open(t, place)
			b, s, err := e.Create(t.Context(), readmodel.Model{Name: "m", Version: 1, Tables: []*readmodel.Table{c.table}})
			must(t, err)
			must(t, s.Finish(t.Context()))
			position := 0
			apply := func(operations ...readmodel.Operation) {
				t.Helper()
				must(t, s.Apply(t.Context(), at(position), at(position+1), operations))
				position++
			}
			deleteRow := func(n int) readmodel.Operation { return c.table.DeleteRow(c.row(n)[:c.table.Key]...) }
			apply(deleteRow(0))
			var all []readmodel.Operation
			for n := range rows {
				all = append(all, add.Row(c.row(n)...))
			}
			apply(all...)
			for d := range deletes {
				var some []readmodel.Operation
				for n := range each {
					some = append(some, deleteRow(d*each+n))
				}
				apply(some...)
			}
			must(t, e.Close()) // with it goes the connection, and leaves its figures

			looked := lookedAt(t, place, b, c.table, "n_tup_del", deletes*each)
			if deleted := deletes * each; looked > 4*deleted {
				t.Errorf("%d rows were looked at to delete %d of %d", looked, deleted, rows)
			}
		})
	}
}

// A query that was planned while a build was new and a table in it empty has to serve
// when that is full: it joins by an index, and does not compare all with all.
func TestAPlanOfAnEmptyTableServesAFullOne(t *testing.T) {
	const threads, rows, queries = 10, 3000, 40
	thread := &readmodel.Table{Name: "thread", Key: 1, Columns: []readmodel.Column{{Name: "channel"}}}
	line := &readmodel.Table{Name: "line", Key: 2, Columns: []readmodel.Column{{Name: "channel"}, {Name: "entry"}, {Name: "revision", Type: readmodel.Integer}},
		Indexes: []readmodel.Index{{Columns: []string{"channel", "revision"}}}}
	begin, add := thread.Upsert("channel"), line.Upsert("channel", "entry", "revision")
	place := pgtest.Place(t)
	e := open(t, place)
	b, s, err := e.Create(t.Context(), readmodel.Model{Name: "m", Version: 1, Tables: []*readmodel.Table{thread, line}})
	must(t, err)
	must(t, s.Finish(t.Context()))
	newest := func() (found, sum int) {
		must(t, errOf(s.View(t.Context(), func(q readmodel.Query) error {
			_, err := q.Row(t.Context(), `select count(m.revision), coalesce(cast(sum(m.revision) as bigint), 0) from thread c
				left join line m on m.channel = c.channel and m.revision = (select max(revision) from line where channel = c.channel)`, []any{&found, &sum})
			return err
		})))
		return found, sum
	}
	var all []readmodel.Operation
	for n := range threads {
		all = append(all, begin.Row(fmt.Sprint("channel ", n)))
	}
	must(t, s.Apply(t.Context(), at(0), at(1), all))
	for range queries { // on whatever connection
		newest()
	}
	all = nil
	for n := range rows {
		all = append(all, add.Row(fmt.Sprint("channel ", n%threads), fmt.Sprint("entry ", n), n))
	}
	must(t, s.Apply(t.Context(), at(1), at(2), all))
	for range queries {
		if found, sum := newest(); found != threads || sum != threads*rows-threads*(threads+1)/2 {
			t.Fatalf("the newest of %d are %d together", found, sum)
		}
	}
	must(t, e.Close())
	if looked := lookedAt(t, place, b, line, "idx_scan", queries*threads); looked > 3*queries*threads {
		t.Errorf("%d rows were looked at to find one of %d in each of %d threads, %d times", looked, rows/threads, threads, queries)
	}
}

// lookedAt is how many rows of a table statements have looked at, once the server has
// counted so many of something. What a connection did is counted when it is closed.
func lookedAt(t *testing.T, place string, b readmodel.Build, table *readmodel.Table, counted string, many int) (looked int) {
	t.Helper()
	url, schema := pgtest.At(place)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	must(t, err)
	defer conn.Close(ctx)
	for n := 0; n < many; {
		must(t, conn.QueryRow(ctx, `select coalesce(sum(`+counted+`), 0), coalesce(sum(seq_tup_read + idx_tup_fetch), 0)
			from pg_stat_user_tables where schemaname = $1 and relname = $2`, fmt.Sprintf("%s_m_v1_b%d", schema, b.Number), table.Name).Scan(&n, &looked))
	}
	return looked
}

package postgres_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// A statement is planned once. The plan that it got while the table was empty has to
// serve when it is full: to delete a row is to look at one row.
func TestDeletingLooksAtNoOtherRows(t *testing.T) {
	const rows, deletes, each = 4000, 5, 100
	waiting := &readmodel.Table{Name: "waiting", Key: 3, Columns: []readmodel.Column{
		{Name: "person"}, {Name: "channel"}, {Name: "entry"},
	}}
	add := waiting.Upsert("person", "channel", "entry")
	key := func(n int) []any {
		return []any{fmt.Sprint("person ", n%2), fmt.Sprint("channel ", n%10), fmt.Sprint("entry ", n)}
	}

	place := pgtest.Place(t)
	e := open(t, place)
	b, s, err := e.Create(t.Context(), readmodel.Model{Name: "m", Version: 1, Tables: []*readmodel.Table{waiting}})
	must(t, err)
	must(t, s.Finish(t.Context()))
	position := 0
	apply := func(operations ...readmodel.Operation) {
		t.Helper()
		must(t, s.Apply(t.Context(), at(position), at(position+1), operations))
		position++
	}
	apply(waiting.DeleteRow(key(0)...))
	var all []readmodel.Operation
	for n := range rows {
		all = append(all, add.Row(key(n)...))
	}
	apply(all...)
	for range deletes {
		var some []readmodel.Operation
		for range each {
			some = append(some, waiting.DeleteRow(key(len(all)-1)...))
			all = all[1:]
		}
		apply(some...)
	}
	must(t, e.Close()) // with it goes the connection, and leaves its figures

	url, schema := pgtest.At(place)
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(t.Context())
	var deleted, looked int
	for deleted < deletes*each {
		must(t, conn.QueryRow(t.Context(), `select coalesce(sum(n_tup_del), 0), coalesce(sum(seq_tup_read + idx_tup_fetch), 0)
			from pg_stat_user_tables where schemaname = $1 and relname = 'waiting'`, fmt.Sprintf("%s_m_v1_b%d", schema, b.Number)).Scan(&deleted, &looked))
	}
	if looked > 4*deleted {
		t.Errorf("%d rows were looked at to delete %d of %d", looked, deleted, rows)
	}
}

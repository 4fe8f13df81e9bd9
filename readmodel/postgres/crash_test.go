package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// The server is killed and comes back: a store needs nobody to open it again, and
// what it has is whole.
func TestAStoreOutlivesACrashOfTheServer(t *testing.T) {
	server := pgtest.Start(t)
	place := server.URL() + "#lobby"
	e := process(t, place)
	_, live := built(t, e)
	_, filling, err := e.Create(t.Context(), model)
	must(t, err)
	stores := []readmodel.Store{live, filling}
	counts := func(s readmodel.Store) (rows, number int) {
		t.Helper()
		c, err := s.View(t.Context(), func(q readmodel.Query) error {
			_, err := q.Row(t.Context(), "select count(*) from message", []any{&rows})
			return err
		})
		must(t, err)
		number, _ = strconv.Atoi("0" + c.Position)
		return rows, number
	}
	for round := range 2 {
		for _, s := range stores {
			_, n := counts(s)
			for i := range 20 {
				apply(t, s, n+i+1)
			}
			counts(s)
		}
		must(t, server.Kill())
		for _, s := range stores {
			if _, err := s.Checkpoint(t.Context()); err == nil {
				t.Fatal("a view of a server that is not there")
			}
			if err := s.Apply(t.Context(), at(1), at(2), nil); err == nil || errors.Is(err, readmodel.ErrMoved) {
				t.Fatalf("error is %v", err)
			}
		}
		must(t, server.Restart())
		for _, s := range stores {
			// Rows and checkpoint went back together, if they did.
			rows, number := counts(s)
			if rows != number || number > 20+21*round {
				t.Errorf("%d rows at %d", rows, number)
			}
			apply(t, s, number+1)
		}
	}
	must(t, filling.Finish(t.Context()))
	rows, number := counts(filling)
	if rows != number {
		t.Errorf("%d rows at %d", rows, number)
	}
}

// A server that ends sessions in order, as for an upgrade, is not noticed by who
// reads afterwards.
func TestViewsOutliveTheirSessions(t *testing.T) {
	place := pgtest.Place(t)
	url, _ := pgtest.At(place)
	_, s := built(t, process(t, place))
	apply(t, s, 1)
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(context.Background())
	for range 3 {
		inside := make(chan struct{})
		all := make(chan error)
		for range 4 { // as many sessions as there may be
			go func() {
				all <- errOf(s.View(t.Context(), func(q readmodel.Query) error {
					var n int
					_, err := q.Row(t.Context(), "select count(*) from message", []any{&n})
					<-inside
					return err
				}))
			}()
		}
		close(inside)
		for range 4 {
			must(t, <-all)
		}
		_, err := conn.Exec(t.Context(), `select pg_terminate_backend(l.pid, 5000) from pg_stat_activity l where l.pid <> pg_backend_pid() and (query like '%readmodel_checkpoint%' or query like '%from message%')`)
		must(t, err)
		must(t, errOf(s.Checkpoint(t.Context())))
	}
}

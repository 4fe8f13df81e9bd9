package projections_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain/connection"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// P26: a post costs the same whether ten tenants see it or ten thousand.
func TestP26APostToManyWritesAsManyRowsAsOneToFew(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		anna := scenario.ID("Anna")
		written := func(tenants int) (operations int, rows map[string]int) {
			dir := t.TempDir()
			log := openLog(t, filepath.Join(dir, "log.sqlite"))
			w := newWorld(t, log)
			w.register("Anna")
			var leases []eventlog.Event
			for i := range tenants {
				leases = append(leases, eventOf(t, connection.LeaseShared{By: anna, Tenant: scenario.ID(fmt.Sprint("tenant ", i)),
					Lease: connection.Lease{ID: w.id(), Property: w.id(), Name: "Elm Street", Start: today, End: today}}))
			}
			for some := range slices.Chunk(leases, 500) { // in one append, though each would have a stream of its own
				w.append(connection.Stream(w.id()), eventlog.NoStream, some...)
			}
			r := served(t, log, openEngine(t, filepath.Join(dir, "models")), projections.Options{})
			wait(t, r, w.last)
			if n := count(t, r, `select count(*) from leases where board = $1`, readmodel.ID(projections.BoardOf(anna))); n != tenants {
				t.Fatalf("%d tenants have the board, want %d", n, tenants)
			}
			all := func() map[string]int {
				n := map[string]int{}
				for _, table := range projections.Messenger.Tables {
					n[table.Name] = count(t, r, `select count(*) from `+table.Name)
				}
				return n
			}
			before := all()
			published := w.publish("Anna", post.Audience{All: true}, "No water on Monday")
			wait(t, r, w.last)
			rows = all()
			for table := range rows {
				if rows[table] -= before[table]; rows[table] == 0 {
					delete(rows, table)
				}
			}
			_, past := load(w, post.Noun, post.Stream(published))
			made := projections.Operations(post.Stream(published), 0, w.then, past[0].Event)
			for _, o := range made {
				if o.SQL != "" { // of which nobody knows how many rows it writes
					t.Errorf("a statement: %s", o.SQL)
				}
			}
			return len(made), rows
		}
		few, fewRows := written(10)
		many, manyRows := written(10_000)
		if few != many || few == 0 || few > 5 {
			t.Errorf("%d operations for 10 tenants, %d for 10,000: want the same few", few, many)
		}
		want := map[string]int{"posts": 1, "channels": 1, "inbox": 1}
		for tenants, rows := range map[int]map[string]int{10: fewRows, 10_000: manyRows} {
			if diff := cmp.Diff(want, rows); diff != "" {
				t.Errorf("rows made for %d tenants (-want +got):\n%s", tenants, diff)
			}
		}
	})
}

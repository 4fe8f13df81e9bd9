package projections_test

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"lobby.example/readmodel"
)

// memoryRows are the rows of all tables at one checkpoint. They never change, so
// a View may keep them, and a transaction that fails leaves nothing. Their sum
// tells in one comparison whether two of them are equal.
type memoryRows struct {
	model      readmodel.Model
	checkpoint readmodel.Checkpoint
	tables     []map[string]memoryRow
	sum        uint64 // over all rows, in any order
}

type memoryRow struct {
	values []any // string, int64, bool, time.Time or nil
	sum    uint64
}

var sumSeed = maphash.MakeSeed()

func newMemoryRows(model readmodel.Model) *memoryRows {
	return &memoryRows{model: model, tables: make([]map[string]memoryRow, len(model.Tables))}
}

func (r *memoryRows) table(name string) int {
	return slices.IndexFunc(r.model.Tables, func(t *readmodel.Table) bool { return t.Name == name })
}

func (r *memoryRows) sorted(table string) []memoryRow {
	return slices.SortedFunc(maps.Values(r.tables[r.table(table)]), func(a, b memoryRow) int {
		for i := range a.values {
			c := 0
			switch v := a.values[i].(type) {
			case string:
				w, _ := b.values[i].(string)
				c = cmp.Compare(v, w)
			case int64:
				w, _ := b.values[i].(int64)
				c = cmp.Compare(v, w)
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
}

// memoryChange makes new rows of those that are there.
type memoryChange struct {
	memoryRows
	own []bool // tables that are not shared with the rows before
}

func (r *memoryRows) change() *memoryChange {
	c := &memoryChange{memoryRows: *r, own: make([]bool, len(r.tables))}
	c.tables = slices.Clone(r.tables)
	return c
}

func (c *memoryChange) done(to readmodel.Checkpoint) *memoryRows {
	c.checkpoint = to
	return &c.memoryRows
}

func (c *memoryChange) open(table int) map[string]memoryRow {
	if !c.own[table] {
		c.own[table] = true
		if c.tables[table] = maps.Clone(c.tables[table]); c.tables[table] == nil {
			c.tables[table] = map[string]memoryRow{}
		}
	}
	return c.tables[table]
}

func (c *memoryChange) delete(table int, key string) {
	rows := c.open(table)
	c.sum -= rows[key].sum
	delete(rows, key)
}

func (c *memoryChange) put(table int, values []any) {
	key := keyOf(values[:c.model.Tables[table].Key])
	var h maphash.Hash
	h.SetSeed(sumSeed)
	maphash.WriteComparable(&h, table)
	for _, v := range values {
		if at, ok := v.(time.Time); ok {
			v = at.UnixMicro()
		}
		maphash.WriteComparable(&h, v)
	}
	row := memoryRow{values: values, sum: h.Sum64()}
	c.sum += row.sum - c.open(table)[key].sum
	c.open(table)[key] = row
}

// write does what the coalescer made of operations.
func (c *memoryChange) write(w *readmodel.Write) error {
	if w.Run != nil {
		return c.run(w.Run.SQL, w.Values)
	}
	t := w.Table
	table := slices.Index(c.model.Tables, t)
	names := w.Set.Names(t)
	if w.Set == 0 {
		for _, column := range t.Columns[:t.Key] {
			names = append(names, column.Name)
		}
	}
	for left := w.Values; len(left) > 0; left = left[len(names):] {
		set := make([]any, len(t.Columns))
		n := 0
		for i, column := range t.Columns {
			if n == len(names) || names[n] != column.Name {
				continue
			}
			v, err := plain(column, left[n])
			if err != nil {
				return fmt.Errorf("%s.%s: %w", t.Name, column.Name, err)
			}
			set[i], n = v, n+1
		}
		key := keyOf(set[:t.Key])
		if w.Set == 0 {
			c.delete(table, key)
			continue
		}
		row, there := c.open(table)[key]
		for i, column := range t.Columns {
			switch {
			case w.Set&(1<<i) != 0:
			case there:
				set[i] = row.values[i]
			default:
				set[i] = nothing(column)
			}
		}
		c.put(table, set)
	}
	return nil
}

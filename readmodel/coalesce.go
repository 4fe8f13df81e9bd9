package readmodel

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// Coalescer turns the operations of a batch into few writes of many rows. It
// keeps its memory from one batch to the next, so it serves one caller at a time.
type Coalescer struct {
	tables  map[*Table]int // its place among the model's
	model   Model
	upserts map[*Upsert]placed
	changes []change
	keys    []byte // of all changes, each encoded so that bytes order as keys do
	merged  []any
	writes  []*Write
	used    int
}

// placed says where an upsert's columns are in the table.
type placed struct {
	at  []int
	set ColumnSet
}

type change struct {
	table    int
	from, to int // the key, in Coalescer.keys
	op       *Operation
	order    int
}

// NewCoalescer fails for a model that no engine could hold.
func NewCoalescer(model Model) (*Coalescer, error) {
	c := &Coalescer{tables: map[*Table]int{}, model: model, upserts: map[*Upsert]placed{}}
	for i, t := range model.Tables {
		if t.Key < 1 || t.Key > len(t.Columns) || len(t.Columns) > maxColumns {
			return nil, fmt.Errorf("readmodel: table %s has %d columns, %d of them its key", t.Name, len(t.Columns), t.Key)
		}
		for _, k := range t.Columns[:t.Key] {
			if k.Null {
				return nil, fmt.Errorf("readmodel: %s.%s is part of a key and cannot be null", t.Name, k.Name)
			}
		}
		c.tables[t] = i
	}
	return c, nil
}

// Each calls write for what comes of the operations. A Write is valid during the
// call only. Operations on different rows may change places, except across a
// statement.
func (c *Coalescer) Each(operations []Operation, write func(*Write) error) error {
	for len(operations) > 0 {
		n := slices.IndexFunc(operations, func(o Operation) bool { return o.Upsert == nil && o.Delete == nil })
		if n < 0 {
			n = len(operations)
		}
		if err := c.rows(operations[:n], write); err != nil {
			return err
		}
		if n < len(operations) {
			if err := write(&Write{Run: &operations[n], Values: operations[n].Values}); err != nil {
				return err
			}
			n++
		}
		operations = operations[n:]
	}
	return nil
}

// rows sorts the operations by table, key and their order, so that those on one
// row are neighbours, and the rows of a table are written in key order.
func (c *Coalescer) rows(operations []Operation, write func(*Write) error) error {
	defer c.forget()
	for i := range operations {
		if err := c.add(&operations[i], i); err != nil {
			return err
		}
	}
	slices.SortFunc(c.changes, func(a, b change) int {
		if a.table != b.table {
			return cmp.Compare(a.table, b.table)
		}
		if r := bytes.Compare(c.keys[a.from:a.to], c.keys[b.from:b.to]); r != 0 {
			return r
		}
		return cmp.Compare(a.order, b.order)
	})
	for i := 0; i < len(c.changes); {
		n := i + 1
		for n < len(c.changes) && c.same(c.changes[i], c.changes[n]) {
			n++
		}
		c.merge(c.changes[i:n])
		i = n
	}
	// Deletes go first: the rows among which an engine has to look are fewer then.
	for _, deletes := range []bool{true, false} {
		for _, w := range c.writes[:c.used] {
			if (w.Set == 0) != deletes {
				continue
			}
			if err := write(w); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Coalescer) add(op *Operation, order int) error {
	t := op.Delete
	if op.Upsert != nil {
		t = op.Upsert.Table
	}
	table, ok := c.tables[t]
	if !ok {
		return fmt.Errorf("readmodel: table %s is not of model %s", t.Name, c.model.Name)
	}
	from := len(c.keys)
	for i, column := range t.Columns[:t.Key] {
		var err error
		if c.keys, err = appendKey(c.keys, column.Type, op.Values[i]); err != nil {
			return fmt.Errorf("readmodel: %s.%s: %w", t.Name, column.Name, err)
		}
	}
	c.changes = append(c.changes, change{table, from, len(c.keys), op, order})
	return nil
}

func (c *Coalescer) same(a, b change) bool {
	return a.table == b.table && bytes.Equal(c.keys[a.from:a.to], c.keys[b.from:b.to])
}

// merge makes one row of the operations on it. After a delete nothing is left to
// keep, so a later upsert sets every column.
func (c *Coalescer) merge(changes []change) {
	t := c.model.Tables[changes[0].table]
	if len(c.merged) < len(t.Columns) {
		c.merged = make([]any, maxColumns)
	}
	var set ColumnSet
	for _, ch := range changes {
		if ch.op.Delete != nil {
			set = 1<<len(t.Columns) - 1
			for i := range t.Columns {
				c.merged[i] = t.Columns[i].zero()
			}
			continue
		}
		p := c.placed(ch.op.Upsert)
		for i, at := range p.at {
			c.merged[at] = ch.op.Values[i]
		}
		set |= p.set
	}
	if last := changes[len(changes)-1].op; last.Delete != nil {
		w := c.write(t, 0)
		w.Rows, w.Values = w.Rows+1, append(w.Values, last.Values...)
		return
	}
	w := c.write(t, set)
	w.Rows++
	for i := range t.Columns {
		if set&(1<<i) != 0 {
			w.Values = append(w.Values, c.merged[i])
		}
	}
}

func (c *Coalescer) placed(u *Upsert) placed {
	p, ok := c.upserts[u]
	if !ok {
		for _, name := range u.Columns {
			at := slices.IndexFunc(u.Table.Columns, func(c Column) bool { return c.Name == name })
			p.at, p.set = append(p.at, at), p.set|1<<at
		}
		c.upserts[u] = p
	}
	return p
}

func (c *Coalescer) write(t *Table, set ColumnSet) *Write {
	for _, w := range c.writes[:c.used] {
		if w.Table == t && w.Set == set {
			return w
		}
	}
	if c.used == len(c.writes) {
		c.writes = append(c.writes, &Write{})
	}
	w := c.writes[c.used]
	w.Table, w.Set, w.Rows = t, set, 0
	c.used++
	return w
}

// forget drops what the batch referred to, and keeps the room it took.
func (c *Coalescer) forget() {
	for _, w := range c.writes[:c.used] {
		clear(w.Values)
		w.Values = w.Values[:0]
	}
	clear(c.changes)
	clear(c.merged)
	c.changes, c.keys, c.used = c.changes[:0], c.keys[:0], 0
}

package readmodel

import (
	"math/bits"
	"time"
)

// Write is what reaches an engine: many rows of one table that set the same
// columns, or are deleted, or one statement. No row comes twice in one Write.
type Write struct {
	Table  *Table     // nil for a statement
	Set    ColumnSet  // of the values of a row, in the table's order; empty when rows are deleted
	Rows   int        // how many
	Values []any      // row after row, ordered by key: the columns set, or the key of a row to delete
	Run    *Operation // the statement
}

// ColumnSet holds the columns of a table by their place in it.
type ColumnSet uint64

const maxColumns = 64

// Len counts the columns.
func (s ColumnSet) Len() int { return bits.OnesCount64(uint64(s)) }

// Names gives the names of the columns, in the table's order.
func (s ColumnSet) Names(t *Table) []string {
	names := make([]string, 0, s.Len())
	for i, c := range t.Columns {
		if s&(1<<i) != 0 {
			names = append(names, c.Name)
		}
	}
	return names
}

// zero is what a column has that was never set.
func (c *Column) zero() any {
	switch {
	case c.Null:
		return nil
	case c.Type == Text || c.Type == Identifier:
		return ""
	case c.Type == Integer:
		return int64(0)
	case c.Type == Boolean:
		return false
	}
	return time.Time{}
}

package readmodel

import (
	"fmt"
	"slices"
)

// Type is the type of a column, in the words of both engines.
type Type int

const (
	Text    Type = iota // ordered by its bytes
	Integer             // 64 bits, signed
	Boolean
	Time // UTC, to the microsecond
	// Identifier is a uuid, the name of a stream (category-uuid), or "": a text that
	// an engine may keep in a compact form. Queries compare it with other such
	// columns and with arguments of type ID or uuid.UUID, and never with a literal or
	// another text, which an engine may find to differ from all of them. A column
	// has uuids or names, since only among their own kind they are in the order of
	// their texts.
	Identifier
)

// Column is one column of a table. It is never null: what is not given is "", 0,
// false or the zero time, unless Null is set.
type Column struct {
	Name string
	Type Type
	Null bool
	Doc  string // for the analyst who meets the table
}

// Index speeds up the queries that it is documented for.
type Index struct {
	Columns []string
	Doc     string
}

// Table is declared once, by the projection that owns it.
type Table struct {
	Name    string
	Doc     string
	Columns []Column // the key first
	Key     int      // how many of the columns make the primary key, at least 1
	Indexes []Index
	// Once says that a key is written at most once and never again after it was
	// deleted, as that of an entry in a log. An engine need not look whether it is there,
	// and may find keys otherwise than by an index that each write keeps: queries look for
	// one in the view NAME_by_key, which has the columns of the table and exists for such
	// tables only. A key that comes again in another Apply is a mistake of the projection:
	// an engine may fail then, at once or soon, and with each Apply that tries it again.
	Once   bool
	Search string // the column of SearchWords by which Query.Match finds rows; none where empty
}

// Operation is one change of rows, as data: what a projection gives out.
type Operation struct {
	Upsert *Upsert // set the columns of the row under the key, which is made if need be
	Delete *Table  // or delete the row under the key
	SQL    string  // or run a statement, which nothing before or after it is merged across
	Values []any   // of the columns, of the key, or of the parameters
}

// Upsert names the columns that an operation sets, the whole key first. Columns
// that it does not name keep what they have, or get their zero in a new row.
type Upsert struct {
	Table   *Table
	Columns []string
}

// Upsert declares an operation once, for Row to be called for each event. A
// column that the table does not have is a mistake in the program, so it panics.
func (t *Table) Upsert(columns ...string) *Upsert {
	for i, name := range columns {
		at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		if at < 0 || (i < t.Key && at != i) || slices.Contains(columns[:i], name) {
			panic(fmt.Sprintf("readmodel: %s.%s cannot be column %d of an upsert", t.Name, name, i))
		}
	}
	if len(columns) < t.Key {
		panic(fmt.Sprintf("readmodel: an upsert into %s without its key", t.Name))
	}
	return &Upsert{Table: t, Columns: columns}
}

// Row gives the operation that sets one row.
func (u *Upsert) Row(values ...any) Operation {
	if len(values) != len(u.Columns) {
		panic(fmt.Sprintf("readmodel: %d values for %d columns of %s", len(values), len(u.Columns), u.Table.Name))
	}
	return Operation{Upsert: u, Values: values}
}

// DeleteRow gives the operation that deletes one row.
func (t *Table) DeleteRow(key ...any) Operation {
	if len(key) != t.Key {
		panic(fmt.Sprintf("readmodel: %d values for the key of %s", len(key), t.Name))
	}
	return Operation{Delete: t, Values: key}
}

// Statement gives the operation that runs one statement of SQL, the same text on
// both engines. It is the exception: nothing is coalesced across it.
func Statement(sql string, args ...any) Operation { return Operation{SQL: sql, Values: args} }

package sqlitemodel

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"lobby.example/readmodel"
)

// The one row that belongs to all tables of a build. A build that was never
// finished is known by it.
const checkpointTable = `
create table readmodel_checkpoint (
	position TEXT NOT NULL,    -- in the log, up to which the rows of all tables go
	event    TEXT NOT NULL,    -- the id of the event there
	finished INTEGER NOT NULL  -- 0 while the build is filled: then it is worth nothing after a crash
) strict;
insert into readmodel_checkpoint values ('', '', 0);
`

const (
	selectCheckpoint = `select position, event from readmodel_checkpoint`
	moveCheckpoint   = `update readmodel_checkpoint set position = ?, event = ? where position = ? and event = ?`
)

// How the types are stored. Type names are in capitals because the driver folds
// those of every result, and has nothing to do for capitals.
var columnTypes = map[readmodel.Type]struct{ sql, zero, doc string }{
	readmodel.Text:       {"TEXT", "''", ""},
	readmodel.Integer:    {"INTEGER", "0", ""},
	readmodel.Boolean:    {"INTEGER", "0", "0 or 1"},
	readmodel.Time:       {"INTEGER", fmt.Sprint(time.Time{}.UnixMicro()), "microseconds since 1970, UTC"},
	readmodel.Identifier: {"BLOB", "X''", "the 16 bytes of a uuid, after the category and a hyphen in the name of a stream"},
}

// createTable documents the table for whoever opens the file: SQLite keeps the
// text with its comments.
func createTable(t *readmodel.Table) string {
	var b bytes.Buffer
	comment(&b, "", t.Doc)
	fmt.Fprintf(&b, "create table %s (\n%s", quote(t.Name), definitions(t.Columns))
	switch {
	case t.Once:
		b.Truncate(b.Len() - len(",\n"))
		b.WriteString("\n) strict;\n")
	case small(t):
		fmt.Fprintf(&b, "\tprimary key (%s)\n) strict, without rowid;\n", columnList(t.Columns[:t.Key]))
	default:
		fmt.Fprintf(&b, "\tprimary key (%s)\n) strict;\n", columnList(t.Columns[:t.Key]))
	}
	return b.String()
}

// definitions has a line for each column, with a comma after the last one, too.
func definitions(columns []readmodel.Column) string {
	var b strings.Builder
	for _, c := range columns {
		kind := columnTypes[c.Type]
		comment(&b, "\t", c.Doc)
		comment(&b, "\t", kind.doc)
		fmt.Fprintf(&b, "\t%s %s", quote(c.Name), kind.sql)
		if !c.Null {
			fmt.Fprintf(&b, " NOT NULL DEFAULT %s", kind.zero)
		}
		b.WriteString(",\n")
	}
	return b.String()
}

// small reports whether the rows are hardly more than their key: then one tree
// holds both, instead of one for each. With long rows that tree would be slow to
// search and to insert into, and an index would hold each key once more.
func small(t *readmodel.Table) bool {
	return len(t.Indexes) == 0 && !slices.ContainsFunc(t.Columns[t.Key:], func(c readmodel.Column) bool { return c.Type == readmodel.Text })
}

func createIndexes(t *readmodel.Table) string {
	var b strings.Builder
	for _, index := range t.Indexes {
		comment(&b, "", index.Doc)
		names := make([]string, len(index.Columns))
		for i, c := range index.Columns {
			names[i] = quote(c)
		}
		fmt.Fprintf(&b, "create index %s on %s (%s);\n", quote(t.Name+"_by_"+strings.Join(index.Columns, "_")), quote(t.Name), strings.Join(names, ", "))
	}
	return b.String()
}

func comment(b io.Writer, indent, text string) {
	if text != "" {
		fmt.Fprintf(b, "%s-- %s\n", indent, strings.ReplaceAll(text, "\n", "\n"+indent+"-- "))
	}
}

// upsertRows writes n rows at once. A row that cannot be written ends the whole
// transaction, as Apply would then anyway: so SQLite need not copy each page first,
// to undo a statement alone.
func upsertRows(t *readmodel.Table, set readmodel.ColumnSet, n int) string {
	names := set.Names(t)
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "insert or rollback into %s (%s) values %s on conflict (%s) do ", quote(t.Name), strings.Join(quoted, ", "), tuples(len(names), n), columnList(t.Columns[:t.Key]))
	for i, name := range quoted[t.Key:] {
		if i == 0 {
			b.WriteString("update set ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s = excluded.%s", name, name)
	}
	if len(quoted) == t.Key {
		b.WriteString("nothing")
	}
	return b.String()
}

// deleteRows deletes n rows at once.
func deleteRows(t *readmodel.Table, _ readmodel.ColumnSet, n int) string {
	if t.Once {
		return deleteOnce(t, n)
	}
	if t.Key == 1 {
		return fmt.Sprintf("delete from %s where %s in %s", quote(t.Name), quote(t.Columns[0].Name), tuples(n, 1))
	}
	return fmt.Sprintf("delete from %s where (%s) in (values %s)", quote(t.Name), columnList(t.Columns[:t.Key]), tuples(t.Key, n))
}

// tuples is n lists of parameters. They are not numbered, which saves the driver
// a look at the name of each.
func tuples(columns, n int) string {
	one := "(?" + strings.Repeat(",?", columns-1) + ")"
	return one + strings.Repeat(","+one, n-1)
}

func columnList(columns []readmodel.Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.Name)
	}
	return strings.Join(names, ", ")
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

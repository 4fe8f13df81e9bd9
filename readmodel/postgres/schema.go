package postgres

import (
	"fmt"
	"strings"

	"lobby.example/readmodel"
)

// named puts the name of the engine's own schema into a statement.
func (e *Engine) named(sql string) string { return strings.ReplaceAll(sql, "HOME", e.home) }

// schema names that of a build.
func (e *Engine) schema(model string, b readmodel.Build) string {
	return fmt.Sprintf("%s_%s_v%d_b%d", e.home, model, b.Version, b.Number)
}

// The one row that belongs to all tables of a build.
const checkpointTable = `
create table readmodel_checkpoint (
	position text collate "C" not null,
	event    text collate "C" not null
) with (fillfactor = 10);
comment on table readmodel_checkpoint is 'the one row that says up to where the event log is in all tables of this schema';
comment on column readmodel_checkpoint.position is 'in the log';
comment on column readmodel_checkpoint.event is 'the id of the event there; empty where none was delivered at that position';
insert into readmodel_checkpoint values ('', '');
`

const (
	selectCheckpoint = `select position, event from readmodel_checkpoint`
	// moveCheckpoint fails where there is nothing to move, which ends the transaction
	// without a look at the answer.
	moveCheckpoint = `with moved as (
		update readmodel_checkpoint set position = $1, event = $2 where position = $3 and event = $4 returning 1
	) select 1 / count(*) from moved`
)

// How the types are stored.
var columnTypes = map[readmodel.Type]struct{ sql, zero, array string }{
	readmodel.Text:       {`text collate "C"`, `''`, "text[]"},
	readmodel.Integer:    {"bigint", "0", "bigint[]"},
	readmodel.Boolean:    {"boolean", "false", "boolean[]"},
	readmodel.Time:       {"timestamptz", "'0001-01-01 00:00:00+00'", "timestamptz[]"},
	readmodel.Identifier: {`text collate "C"`, `''`, "text[]"},
}

// createSchema makes the tables of a build, with no index but the primary key, which
// rows are found by. They are not unlogged while they are filled: to rewrite all of
// them in the end, and a sync for each when it is made, take longer than to log
// rows that nobody waits for the disk to have.
func createSchema(schema string, model readmodel.Model) string {
	var b strings.Builder
	fmt.Fprintf(&b, "create schema %s; set local search_path = %[1]s;\n", quote(schema))
	fmt.Fprintf(&b, "comment on schema %s is %s;\n", quote(schema), literal(fmt.Sprintf("Lobby: the read model %s in version %d, one of its builds; written by Lobby only", model.Name, model.Version)))
	b.WriteString(checkpointTable)
	for _, t := range model.Tables {
		createTable(&b, t)
	}
	b.WriteString("set local search_path to default;")
	return b.String()
}

// tended has tables looked after sooner than is usual: what is counted again and
// again, like the unread, is counted in an index alone once that was done.
const tended = `autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05`

func createTable(b *strings.Builder, t *readmodel.Table) {
	fmt.Fprintf(b, "create table %s (\n", quote(t.Name))
	for _, c := range t.Columns {
		kind := columnTypes[c.Type]
		fmt.Fprintf(b, "\t%s %s", quote(c.Name), kind.sql)
		if !c.Null {
			fmt.Fprintf(b, " not null default %s", kind.zero)
		}
		b.WriteString(",\n")
	}
	fmt.Fprintf(b, "\tprimary key (%s)\n) with (%s);\n", columnList(t.Columns[:t.Key]), tended)
	if t.Doc != "" {
		fmt.Fprintf(b, "comment on table %s is %s;\n", quote(t.Name), literal(t.Doc))
	}
	if t.Once {
		fmt.Fprintf(b, "create view %s as select * from %s;\n", quote(t.Name+"_by_key"), quote(t.Name))
	}
	for _, c := range t.Columns {
		if c.Doc != "" {
			fmt.Fprintf(b, "comment on column %s.%s is %s;\n", quote(t.Name), quote(c.Name), literal(c.Doc))
		}
	}
}

// finishTable makes what a table has besides when it is full.
func finishTable(b *strings.Builder, t *readmodel.Table) {
	for _, index := range t.Indexes {
		names := make([]string, len(index.Columns))
		for i, c := range index.Columns {
			names[i] = quote(c)
		}
		name := t.Name + "_by_" + strings.Join(index.Columns, "_")
		name = quote(name[:min(len(name), 63)])
		fmt.Fprintf(b, "create index %s on %s (%s);\n", name, quote(t.Name), strings.Join(names, ", "))
		if index.Doc != "" {
			fmt.Fprintf(b, "comment on index %s is %s;\n", name, literal(index.Doc))
		}
	}
	if t.Search != "" {
		fmt.Fprintf(b, "create index %s on %s using gin (%s);\n", quote(t.Name+"_search"), quote(t.Name), wordsOf(quote(t.Search)))
	}
	// Of a table that was found empty the planner would believe that it stays so. One that
	// it knows nothing of, it takes for a small one, and looks for rows by what tells them
	// apart best: plans are made once, and this one may be needed for millions of rows.
	fmt.Fprintf(b, "do $$ begin if exists (select 1 from %[1]s) then analyze %[1]s; end if; end $$;\n", quote(t.Name))
}

// insertRows inserts as many rows as its parameters, a column each, are long.
func insertRows(t *readmodel.Table, set readmodel.ColumnSet) string {
	columns := columnsOf(t, set)
	return fmt.Sprintf("insert into %s (%s) select * from unnest(%s)", quote(t.Name), columnList(columns), arrays(columns))
}

// updateRows goes on after insertRows: rows that are there are updated.
func updateRows(t *readmodel.Table, set readmodel.ColumnSet) string {
	var updates []string
	for _, c := range columnsOf(t, set)[t.Key:] {
		updates = append(updates, fmt.Sprintf("%s = excluded.%[1]s", quote(c.Name)))
	}
	do := "nothing"
	if len(updates) > 0 {
		do = "update set " + strings.Join(updates, ", ")
	}
	return fmt.Sprintf(" on conflict (%s) do %s", columnList(t.Columns[:t.Key]), do)
}

// deleteRows deletes the rows under as many keys. Each is looked up in the order of the
// primary key, which no other index has, and then deleted where it is. So it does not
// matter what the planner believes about the table: a plan that was made while there
// were few rows would compare each of them with each key, or go by part of it.
func deleteRows(t *readmodel.Table) string {
	key := t.Columns[:t.Key]
	names, sought, found := make([]string, len(key)), make([]string, len(key)), make([]string, len(key))
	for i, c := range key {
		names[i] = fmt.Sprintf("k%d", i+1)
		sought[i], found[i] = "gone."+names[i], "t."+quote(c.Name)
	}
	return strings.NewReplacer("TABLE", quote(t.Name), "ARRAYS", arrays(key), "NAMES", strings.Join(names, ", "),
		"KEY", columnList(key), "SOUGHT", strings.Join(sought, ", "), "FOUND", strings.Join(found, ", ")).Replace(`
		delete from TABLE where ctid = any(array(
			select t.place from unnest(ARRAYS) gone (NAMES)
			cross join lateral (select ctid as place, KEY from TABLE where (KEY) >= (SOUGHT) order by KEY limit 1) t
			where (FOUND) = (SOUGHT)))`)
}

func columnsOf(t *readmodel.Table, set readmodel.ColumnSet) []readmodel.Column {
	if set == 0 {
		return t.Columns[:t.Key]
	}
	columns := make([]readmodel.Column, 0, set.Len())
	for i, c := range t.Columns {
		if set&(1<<i) != 0 {
			columns = append(columns, c)
		}
	}
	return columns
}

// arrays lists the parameters.
func arrays(columns []readmodel.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = fmt.Sprintf("$%d::%s", i+1, columnTypes[c.Type].array)
	}
	return strings.Join(list, ", ")
}

func columnList(columns []readmodel.Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.Name)
	}
	return strings.Join(names, ", ")
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }

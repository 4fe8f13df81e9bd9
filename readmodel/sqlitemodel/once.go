package sqlitemodel

import (
	"fmt"
	"strings"

	"lobby.example/readmodel"
)

// A table whose rows are written once has no primary key, which would be an index
// that every insert has to keep. Where which row is stands in a table of places,
// and who looks for a key does so in the view.
const keySchema = `
create table PLACES (
DEFINED	row INTEGER NOT NULL,
	primary key (KEY)
) strict, without rowid;
create trigger FORGOTTEN after delete on TABLE begin
	delete from PLACES where SAME;
end;
create view BYKEY as
	select KEYOF, OTHERS from PLACES p cross join TABLE t on t.rowid = p.row
	union all select KEY, OTHERS from TABLE t not indexed where t.rowid > (select keys from INDEXED);
`

const indexKeys = "insert or rollback into PLACES select KEY, rowid from TABLE where rowid > (select keys from INDEXED) order by KEY"

// finishKeys indexes the keys that are not yet.
func finishKeys(t *readmodel.Table) string {
	if !t.Once {
		return ""
	}
	return lateNames(t).Replace(bringKeysUpToDate + ";\n")
}

// insertRows writes n rows whose keys have never been there.
func insertRows(t *readmodel.Table, set readmodel.ColumnSet, n int) string {
	names := set.Names(t)
	for i, name := range names {
		names[i] = quote(name)
	}
	return fmt.Sprintf("insert or rollback into %s (%s) values %s", quote(t.Name), strings.Join(names, ", "), tuples(len(names), n))
}

// deleteOnce deletes n rows of such a table.
func deleteOnce(t *readmodel.Table, n int) string {
	return strings.NewReplacer("VALUES", "values "+tuples(t.Key, n)).Replace(lateNames(t).Replace(`
		with gone (KEY) as (VALUES)
		delete from TABLE where rowid in (
			select p.row from gone cross join PLACES p using (KEY)
			union all select rowid from TABLE not indexed where rowid > (select keys from INDEXED) and (KEY) in (select KEY from gone))`))
}

package sqlitemodel

import (
	"context"
	"strings"

	"lobby.example/readmodel"
)

// Two kinds of index are brought up to date late, many rows at once: the words that
// are searched, and the keys of a table whose rows are written once. Kept up to
// date by every transaction, the first would be many small pieces that are merged
// again and again, and the second a page of its own for every row, since the keys
// of rows that come together lie far apart.
//
// Who looks for words or for a key looks through the rows that are not indexed yet,
// too, and so finds the same at any time. They are known by their numbers, which
// are after that of the last row that was indexed. A number is given again after
// the row that had it is gone and was the last; then it counts as not indexed.
const lateSchema = `
-- the last row whose words, and the last row whose key is indexed
create table INDEXED (words INTEGER NOT NULL, keys INTEGER NOT NULL) strict;
insert into INDEXED values (0, 0);
create trigger LOWERED after delete on TABLE when old.rowid <= (select max(words, keys) from INDEXED) begin
	update INDEXED set words = min(words, LAST), keys = min(keys, LAST);
end;
`

const (
	bringWordsUpToDate = indexChanged + ";" + indexWords + ";" + allWordsIndexed
	bringKeysUpToDate  = indexKeys + ";" + "update INDEXED set keys = LAST"
	allWordsIndexed    = "update INDEXED set words = LAST"
)

// createLate makes what belongs to late indexes, but for the one of words, which
// comes when the build is finished.
func createLate(t *readmodel.Table) string {
	if !t.Once && t.Search == "" {
		return ""
	}
	schema := lateSchema
	if t.Once {
		schema += keySchema
	}
	return lateNames(t).Replace(schema)
}

// lateNames puts the names of a table and what belongs to it into a text.
func lateNames(t *readmodel.Table) *strings.Replacer {
	var columns []string
	for _, c := range t.Columns[t.Key:] {
		columns = append(columns, "t."+quote(c.Name))
	}
	same, placed := make([]string, t.Key), make([]string, t.Key)
	for i, c := range t.Columns[:t.Key] {
		same[i], placed[i] = quote(c.Name)+" = old."+quote(c.Name), "p."+quote(c.Name)
	}
	return strings.NewReplacer(
		"TABLE", quote(t.Name), "WORDS", quote(t.Search), "KEYOF", strings.Join(placed, ", "), "KEY", columnList(t.Columns[:t.Key]), "OTHERS", strings.Join(columns, ", "),
		"SAME", strings.Join(same, " and "), "DEFINED", definitions(t.Columns[:t.Key]),
		"LAST", "(select coalesce(max(rowid), 0) from "+quote(t.Name)+")",
		"INDEXED", quote(t.Name+"_indexed"), "LOWERED", quote(t.Name+"_lowered"),
		"BYKEY", quote(t.Name+"_by_key"), "PLACES", quote(t.Name+"_places"), "FORGOTTEN", quote(t.Name+"_forgotten"),
		"INDEX", quote(t.Name+"_search"), "CHANGED", quote(t.Name+"_changed"), "GONE", quote(t.Name+"_gone"),
		"UPDATED", quote(t.Name+"_updated"), "REDONE", quote(t.Name+"_redone"))
}

// Every search looks through what is not indexed yet, so there must not be much of
// it: at these bounds that takes about as long as a search otherwise does. Looking
// for one key is rarer: to delete a message, or to say who has seen it.
const (
	unindexedWords = 1024      // rows
	unindexedBytes = 512 << 10 // of words, and whatever text stands beside them
	unindexedKeys  = 4096      // rows
)

// unindexed counts the rows that were written since late indexes were brought up to
// date. It belongs to whoever holds the writer.
type unindexed struct{ words, bytes, keys int }

func (u *unindexed) wrote(w *readmodel.Write) {
	if w.Table.Once {
		u.keys += w.Rows
	}
	if w.Table.Search == "" {
		return
	}
	u.words += w.Rows
	for _, value := range w.Values {
		if text, ok := value.(string); ok {
			u.bytes += len(text)
		}
	}
}

// unknown is how much it is when a store was just opened, and after a transaction
// that failed: enough for the next one to index it.
func (u *unindexed) unknown() { u.words, u.keys = unindexedWords, unindexedKeys }

// index indexes what has become too much. While a build is filled there is no index of words.
func (u *unindexed) index(c *connection, tables []*readmodel.Table, filling bool) error {
	words := !filling && (u.words >= unindexedWords || u.bytes >= unindexedBytes)
	keys := u.keys >= unindexedKeys
	for _, t := range tables {
		if words && t.Search != "" {
			if err := c.late(t, bringWordsUpToDate); err != nil {
				return err
			}
		}
		if keys && t.Once {
			if err := c.late(t, bringKeysUpToDate); err != nil {
				return err
			}
		}
	}
	if words {
		u.words, u.bytes = 0, 0
	}
	if keys {
		u.keys = 0
	}
	return nil
}

// late runs statements on what belongs to a table.
func (c *connection) late(t *readmodel.Table, statements string) error {
	for statement := range strings.SplitSeq(lateNames(t).Replace(statements), ";") {
		if _, err := c.exec(context.Background(), statement); err != nil {
			return err
		}
	}
	return nil
}

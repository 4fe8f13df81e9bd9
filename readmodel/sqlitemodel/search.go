package sqlitemodel

import (
	"database/sql/driver"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"modernc.org/sqlite"

	"lobby.example/readmodel"
)

// The index holds no text of its own, only where which word is, by the number of
// the row, which stays what it is because no file is ever vacuumed. The words come
// folded and split, so the tokenizer has nothing to do but look for spaces. Rows
// that have changed or gone since they were indexed are kept in a table, and when
// they leave it they are indexed anew.
const searchSchema = `
create virtual table INDEX using fts5 (WORDS, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M*'");
insert into INDEX (rowid, WORDS) select rowid, WORDS from TABLE where WORDS <> '' order by rowid;
-- rows that have changed or gone since they were indexed
create table CHANGED (row INTEGER primary key) strict;
create trigger GONE before delete on TABLE when old.rowid <= (select words from INDEXED) begin
	insert into CHANGED select old.rowid where not exists (select 1 from CHANGED where row = old.rowid);
end;
create trigger UPDATED after update of WORDS on TABLE when new.WORDS <> old.WORDS and old.rowid <= (select words from INDEXED) begin
	insert into CHANGED select old.rowid where not exists (select 1 from CHANGED where row = old.rowid);
end;
create trigger REDONE after delete on CHANGED begin
	delete from INDEX where rowid = old.row;
	insert into INDEX (rowid, WORDS) select rowid, WORDS from TABLE where rowid = old.row and rowid <= (select words from INDEXED) and WORDS <> '';
end;
`

const (
	indexChanged = "delete from CHANGED"
	indexWords   = "insert into INDEX (rowid, WORDS) select rowid, WORDS from TABLE where rowid > (select words from INDEXED) and WORDS <> '' order by rowid"
)

// matching are the rows that have all terms. A cross join is one in this order: the
// few rows that changed, and not the table, are gone through.
const matching = `(
	select rowid from INDEX where INDEX match $n and rowid not in (select row from CHANGED)
	union all select t.rowid from TABLE t where t.rowid > (select words from INDEXED) and has_terms(t.WORDS, $n)
	union all select t.rowid from CHANGED c cross join TABLE t on t.rowid = c.row where has_terms(t.WORDS, $n))`

// createSearch makes the full-text index of a table, with what is there already.
func createSearch(t *readmodel.Table) string {
	if t.Search == "" {
		return ""
	}
	return lateNames(t).Replace(searchSchema + allWordsIndexed + ";\n")
}

// Match is a query of FTS5: each term a phrase, whose last word may go on if it has
// more than one character.
func (q *query) Match(table, alias string, parameter int, terms []readmodel.Term) (condition string, argument any) {
	var phrases strings.Builder
	for _, term := range terms {
		// Words are letters, numbers and marks: nothing in them is to be escaped.
		phrases.WriteString(`"` + strings.Join(term, " ") + `" `)
		if utf8.RuneCountInString(term[len(term)-1]) > 1 { // one letter alone begins half of all words
			phrases.WriteString("* ")
		}
	}
	t := q.tables[slices.IndexFunc(q.tables, func(t *readmodel.Table) bool { return t.Name == table })]
	return alias + ".rowid in " + strings.ReplaceAll(lateNames(t).Replace(matching), "$n", "$"+strconv.Itoa(parameter)), phrases.String()
}

// hasTerms says what FTS5 would of a text of words and a query that Match made.
func hasTerms(words, query string) bool {
	for query != "" {
		var phrase string
		_, query, _ = strings.Cut(query, `"`)
		phrase, query, _ = strings.Cut(query, `"`)
		if phrase != "" && !hasPhrase(words, phrase, strings.HasPrefix(query, " *")) {
			return false
		}
	}
	return true
}

// hasPhrase looks for a phrase of whole words, the last of which may go on.
func hasPhrase(words, phrase string, goesOn bool) bool {
	for from := 0; ; {
		at := strings.Index(words[from:], phrase)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(phrase)
		if (start == 0 || words[start-1] == ' ') && (goesOn || end == len(words) || words[end] == ' ') {
			return true
		}
		from = start + 1
	}
}

// searching is the driver with what a search calls. It is one of this package's
// own, so other users of SQLite in the program do not see the function.
var searching = sync.OnceValue(func() *sqlite.Driver {
	d := new(sqlite.Driver)
	d.MustRegisterFunction("has_terms", &sqlite.FunctionImpl{
		NArgs: 2, Deterministic: true, VolatileArgs: true,
		Scalar: func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			words, _ := args[0].(string)
			query, _ := args[1].(string)
			return hasTerms(words, query), nil
		},
	})
	return d
})

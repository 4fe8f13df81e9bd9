package sqlitemodel

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"lobby.example/readmodel"
)

// Words are indexed late, many rows at once: an index that every transaction kept
// up to date would cost more than the rows do, since it writes a piece of its own
// for each and merges the pieces again and again. A search looks through what is
// not indexed yet, so it finds the same at any time. It tells those rows by their
// number: what came after the last row that was indexed, and what has changed or
// gone since. A number may be given again after the row that had it last has gone.
//
// The index holds no text of its own, only where which word is, by the number of
// the row, which stays what it is because no file is ever vacuumed. The words come
// folded and split, so the tokenizer has nothing to do but look for spaces.
const searchSchema = `
create virtual table INDEX using fts5 (WORDS, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M*'");
-- rows that have changed or gone since they were indexed
create table CHANGED (row INTEGER primary key) strict;
-- the last row that is indexed
create table THROUGH (row INTEGER NOT NULL) strict;
insert into THROUGH values (0);
create trigger DELETED after delete on TABLE when old.rowid <= (select row from THROUGH) begin
	insert into CHANGED select old.rowid where not exists (select 1 from CHANGED where row = old.rowid);
end;
create trigger REDONE after delete on CHANGED begin
	delete from INDEX where rowid = old.row;
	insert into INDEX (rowid, WORDS) select rowid, WORDS from TABLE where rowid = old.row and WORDS <> '';
end;
create trigger UPDATED after update of WORDS on TABLE when new.WORDS <> old.WORDS and old.rowid <= (select row from THROUGH) begin
	insert into CHANGED select old.rowid where not exists (select 1 from CHANGED where row = old.rowid);
end;
`

// indexWords are the statements that bring the index up to date.
var indexWords = [...]string{
	"delete from CHANGED",
	"insert into INDEX (rowid, WORDS) select rowid, WORDS from TABLE where rowid > (select row from THROUGH) and WORDS <> '' order by rowid",
	"update THROUGH set row = (select coalesce(max(rowid), 0) from TABLE)",
}

// matching are the rows that have all terms. A cross join is one in this order: the
// few rows that changed, and not the table, are gone through.
const matching = `(
	select rowid from INDEX where INDEX match $n and rowid not in (select row from CHANGED)
	union all select t.rowid from TABLE t where t.rowid > (select row from THROUGH) and has_terms(t.WORDS, $n)
	union all select t.rowid from CHANGED c cross join TABLE t on t.rowid = c.row where has_terms(t.WORDS, $n))`

// searchNames puts the names of a table and its index into a text.
func searchNames(t *readmodel.Table) *strings.Replacer {
	index := t.Name + "_search"
	return strings.NewReplacer("INDEX", quote(index), "CHANGED", quote(index+"_changed"), "THROUGH", quote(index+"_through"),
		"DELETED", quote(index+"_deleted"), "UPDATED", quote(index+"_updated"), "REDONE", quote(index+"_redone"), "TABLE", quote(t.Name), "WORDS", quote(t.Search))
}

// createSearch makes the full-text index of a table, with what is there already.
func createSearch(t *readmodel.Table) string {
	if t.Search == "" {
		return ""
	}
	return searchNames(t).Replace(searchSchema + strings.Join(indexWords[:], ";\n") + ";\n")
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
	return alias + ".rowid in " + strings.ReplaceAll(searchNames(t).Replace(matching), "$n", "$"+strconv.Itoa(parameter)), phrases.String()
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

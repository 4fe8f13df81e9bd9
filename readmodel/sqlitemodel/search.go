package sqlitemodel

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"lobby.example/readmodel"
)

// createSearch makes the full-text index of a table, and the triggers that keep
// it. It holds no text of its own, only where which word is: by the number of the
// row, which stays what it is because no file is ever vacuumed. The words come
// folded and split, so the tokenizer has nothing to do but look for spaces.
func createSearch(t *readmodel.Table) string {
	if t.Search == "" {
		return ""
	}
	return strings.NewReplacer("INDEX", quote(searchTable(t.Name)), "TABLE", quote(t.Name), "WORDS", quote(t.Search), "NAME", t.Name).Replace(`
create virtual table INDEX using fts5 (WORDS, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M*'");
insert into INDEX (rowid, WORDS) select rowid, WORDS from TABLE where WORDS <> '' order by rowid;
create trigger "NAME_search_insert" after insert on TABLE when new.WORDS <> '' begin
	insert into INDEX (rowid, WORDS) values (new.rowid, new.WORDS);
end;
create trigger "NAME_search_delete" after delete on TABLE when old.WORDS <> '' begin
	delete from INDEX where rowid = old.rowid;
end;
create trigger "NAME_search_update" after update of WORDS on TABLE when new.WORDS <> old.WORDS begin
	delete from INDEX where rowid = old.rowid;
	insert into INDEX (rowid, WORDS) values (new.rowid, new.WORDS);
end;
`)
}

func searchTable(table string) string { return table + "_search" }

// Match is a query of FTS5: each term a phrase, whose last word may go on if it has
// more than one character.
func (q *query) Match(table, alias string, parameter int, terms []readmodel.Term) (condition string, argument any) {
	index := quote(searchTable(table))
	var phrases strings.Builder
	for _, term := range terms {
		// Words are letters, numbers and marks: nothing in them is to be escaped.
		phrases.WriteString(`"` + strings.Join(term, " ") + `" `)
		if utf8.RuneCountInString(term[len(term)-1]) > 1 { // one letter alone begins half of all words
			phrases.WriteString("* ")
		}
	}
	return alias + ".rowid in (select rowid from " + index + " where " + index + " match $" + strconv.Itoa(parameter) + ")", phrases.String()
}

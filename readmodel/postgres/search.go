package postgres

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"lobby.example/readmodel"
)

// wordsOf is what is indexed of a column of words. They come folded and split, so
// no parser of PostgreSQL, with its own ideas of what a word is, has a look at
// them: the text is split at its spaces, and nothing else. It knows which words
// there are and not where; that stands in the column itself.
func wordsOf(column string) string { return `array_to_tsvector(string_to_array(` + column + `, ' '))` }

// searched is the argument of a search: a tsquery, and after it the phrases.
type searched []string

// Match asks the index for the words, of which the last of a term may go on if it
// has more than one character, and for terms of several words looks whether they
// stand side by side in the rows that are left.
func (q *query) Match(table, alias string, parameter int, terms []readmodel.Term) (condition string, argument any) {
	column := alias + "." + quote(q.store.searched[table])
	var words []string
	list := searched{""}
	for _, term := range terms {
		phrase := " " + strings.Join(term, " ")
		goesOn := utf8.RuneCountInString(term[len(term)-1]) > 1 // one letter alone begins half of all words
		for i, word := range term {
			// Words are letters, numbers and marks: nothing in them is to be escaped.
			if word = "'" + word + "'"; goesOn && i == len(term)-1 {
				word += ":*"
			}
			words = append(words, word)
		}
		if !goesOn {
			phrase += " "
		}
		if len(term) > 1 {
			list = append(list, phrase)
		}
	}
	list[0] = strings.Join(words, " & ")
	condition = fmt.Sprintf("%s @@ ($%d::text[])[1]::tsquery", wordsOf(column), parameter)
	for i := range list[1:] {
		condition += fmt.Sprintf(" and position(($%d::text[])[%d] in ' ' || %s || ' ') > 0", parameter, i+2, column)
	}
	return condition, list
}

package readmodel

import (
	"strings"
	"unicode"
)

// Full-text search works on words that are made here, so that both engines find
// the same: an engine only has to split at spaces. Case, accents and width do not
// matter. Scripts that are written without spaces are split into their
// characters, and a search for several of them finds them side by side.

// SearchWords gives the words of a text, for a column that Table.Search names.
func SearchWords(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, term := range terms(text) {
		for _, word := range term {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(word)
		}
	}
	return b.String()
}

// Term is what a search looks for: words that stand side by side, of which the
// last may go on.
type Term []string

// SearchTerms gives the terms of what a person looks for. All of them have to be
// in what is found. No terms say that no text has what is looked for.
func SearchTerms(text string) []Term { return terms(text) }

func terms(text string) []Term {
	var all []Term
	for _, run := range words(Fold(text)) {
		var term Term
		start := 0
		for i, r := range run {
			if !unspaced(r) {
				continue
			}
			if start < i {
				term = append(term, run[start:i])
			}
			start = i + len(string(r))
			term = append(term, run[i:start])
		}
		if start < len(run) {
			term = append(term, run[start:])
		}
		all = append(all, term)
	}
	return all
}

// unspaced says that a character is of a script that is written without spaces.
func unspaced(r rune) bool {
	return r > 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

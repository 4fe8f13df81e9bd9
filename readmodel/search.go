package readmodel

import (
	"unicode"
	"unicode/utf8"
)

// Full-text search works on words that are made here, so that both engines find
// the same: an engine only has to split at spaces. Case, accents and width do not
// matter. Scripts that are written without spaces are split into their
// characters, and a search for several of them finds them side by side.

// maxWord is how many bytes of a word are searched: an engine may take no longer
// ones, and nobody looks for them by more than their beginning.
const maxWord = 255

// cut is the beginning of a word that is searched.
func cut(word string) string {
	if len(word) <= maxWord {
		return word
	}
	n := maxWord
	for n > 0 && !utf8.RuneStart(word[n]) {
		n--
	}
	return word[:n]
}

// SearchWords gives the words of a text, for a column that Table.Search names.
// Every message goes through it, so what is plain ASCII, which folds to itself in
// lower case, does not go through the tables of Unicode.
func SearchWords(text string) string {
	words := make([]byte, 0, len(text)+8)
	for len(text) > 0 {
		n, plain := 0, true
		for ; n < len(text) && !separates(text[n]); n++ {
			plain = plain && text[n] < utf8.RuneSelf
		}
		switch {
		case n == 0:
			n = 1
		case plain:
			if len(words) > 0 {
				words = append(words, ' ')
			}
			for i := range min(n, maxWord) {
				words = append(words, lower(text[i]))
			}
		default:
			for _, term := range terms(text[:n]) {
				for _, word := range term {
					if len(words) > 0 {
						words = append(words, ' ')
					}
					words = append(words, word...)
				}
			}
		}
		text = text[n:]
	}
	return string(words)
}

// separates says that a byte is of ASCII and no part of a word.
func separates(b byte) bool {
	return b < utf8.RuneSelf && (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z')
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	return b
}

// Term is what a search looks for: words that stand side by side, of which the
// last may go on if it has more than one character.
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
				term = append(term, cut(run[start:i]))
			}
			start = i + utf8.RuneLen(r)
			term = append(term, run[i:start])
		}
		if start < len(run) {
			term = append(term, cut(run[start:]))
		}
		all = append(all, term)
	}
	return all
}

// unspaced says that a character is of a script that is written without spaces.
func unspaced(r rune) bool {
	return r > 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

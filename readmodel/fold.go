package readmodel

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold gives the form of a name by which it is ordered and found: without case,
// accents and differences of width. Projections store it, queries fold what they
// look for, so no engine needs to know about languages.
func Fold(name string) string {
	// Step by step: a chain of transformers takes buffers of 40 KiB for each name.
	bare := strings.Map(func(r rune) rune {
		if r >= 0x300 && unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(name))
	folded := norm.NFC.String(cases.Fold().String(bare))
	return strings.Join(strings.Fields(folded), " ")
}

// Words lists the different words of a name, folded, in order: what is neither
// a letter nor a digit separates them.
func Words(name string) []string {
	all := words(Fold(name))
	slices.Sort(all)
	return slices.Compact(all)
}

// words splits folded text at what is neither a letter nor a digit.
func words(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.M, r) })
}

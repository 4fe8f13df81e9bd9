package readmodel

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Fold gives the form of a name by which it is ordered and found: without case,
// accents and differences of width. Projections store it, queries fold what they
// look for, so no engine needs to know about languages.
func Fold(name string) string {
	t := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFC)
	folded, _, err := transform.String(t, name)
	if err != nil {
		folded = strings.ToLower(name) // text that is no UTF-8 does not get here
	}
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

package readmodel

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is stored of a text are the words of the terms that it would be looked for
// by, whichever way they were made.
func TestSearchWordsAreThoseOfItsTerms(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, text string) {
		var want []string
		for _, term := range SearchTerms(text) {
			want = append(want, term...)
		}
		if got := SearchWords(text); got != strings.Join(want, " ") {
			t.Errorf("%q has words %q, and terms %q", text, got, want)
		}
	}
	for _, text := range []string{"", " ", "The TAP drips, again!", "e-mail: a@b.example", "Zürich's café №½", "東京の部屋 flat 3", "ﬁnally ＷＩＤＥ", "a\u0301b \u0301c", "Straße", "ßß", "İstanbul", "ห้องน้ำรั่ว", "\xff\xfe", strings.Repeat("a", maxWord+1) + " b", strings.Repeat("ž", maxWord), "東" + strings.Repeat("a", 2*maxWord)} {
		check(t, text)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.String().Draw(t, "text")) })
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.StringMatching(`[a-zA-Z0-9 .,é東ß'-]*`).Draw(t, "text")) })
}

func BenchmarkSearchWords(b *testing.B) {
	for name, text := range map[string]string{"plain": strings.Repeat("The tap in the kitchen drips, again. ", 4), "accents": strings.Repeat("Der Hahn in der Küche tropft, schon wieder. ", 3)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				SearchWords(text)
			}
		})
	}
}

package domain

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxNameLength bounds names of people and properties, in characters.
const MaxNameLength = 200

// CheckText refuses text that is not valid UTF-8, is longer than max characters
// or has control characters other than newline and tab: one U+0000 would pass
// the embedded store and stop PostgreSQL for everybody.
func CheckText(field, text string, max int) error {
	if !utf8.ValidString(text) {
		return Bad(field, "not_utf8", "The text is not valid UTF-8.")
	}
	if len(text) > max && utf8.RuneCountInString(text) > max {
		return Bad(field, "too_long", fmt.Sprintf("The text may have at most %d characters.", max))
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		return Bad(field, "control_character", "The text has a control character other than newline and tab.")
	}
	return nil
}

// CheckName refuses what is no name: blank, of several lines, or above MaxNameLength.
func CheckName(field, name string) error {
	if Blank(name) {
		return Bad(field, "blank", "This is blank.")
	}
	if strings.ContainsFunc(name, breaksALine) {
		return Bad(field, "control_character", "This is one line, without tabs and without characters that turn the text around.")
	}
	return CheckText(field, name, MaxNameLength)
}

// breaksALine: lines and tabs, also those that only Unicode knows, and what turns
// the direction of text, by which harm.exe can be shown as if it ended in pdf.
func breaksALine(r rune) bool {
	return r == '\n' || r == '\t' || unicode.In(r, unicode.Zl, unicode.Zp) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// Blank reports whether a reader would see nothing: white space and characters
// of no width do not make a text.
func Blank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.In(r, invisible...)
	})
}

// invisible is what Unicode calls graphic and nobody sees: fillers, joiners,
// selectors of variants and the Braille pattern without a dot.
var invisible = []*unicode.RangeTable{
	unicode.Other_Default_Ignorable_Code_Point,
	unicode.Variation_Selector,
	{R16: []unicode.Range16{{Lo: 0x2800, Hi: 0x2800, Stride: 1}}},
}

// Date is a day of the calendar in UTC, written 2026-11-22, so that dates order as text.
type Date string

// ParseDate reads a day, and refuses days that the calendar does not have.
func ParseDate(field, text string) (Date, error) {
	if t, err := time.Parse(time.DateOnly, text); err != nil || t.Year() < 1900 {
		return "", Bad(field, "not_a_date", "A date is written as 2026-11-22.")
	}
	return Date(text), nil
}

// DateOf is the day of a moment.
func DateOf(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }

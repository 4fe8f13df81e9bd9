package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"lobby.example/domain"
)

func checkBad(t *testing.T, what string, err error, code string) {
	t.Helper()
	var r *domain.Refusal
	switch {
	case code == "" && err == nil:
	case !errors.As(err, &r) || r.Code != code || r.Reason != domain.Invalid || r.Field != "field" || r.Message == "":
		t.Errorf("%.20q: answer %v, want %q", what, err, code)
	}
}

func TestCheckTextCountsCharacters(t *testing.T) {
	for text, code := range map[string]string{
		"": "", "abc": "", "äöü": "", "👍👍👍": "", "a\n\t": "",
		"abcd": "too_long", "👍👍👍👍": "too_long", "a\u0301b\u0301": "too_long", // accents of their own are characters
		"\xff": "not_utf8", "ab\xed\xa0\x80": "not_utf8", "\xc0\x80": "not_utf8",
	} {
		checkBad(t, text, domain.CheckText("field", text, 3), code)
	}
}

func TestCheckTextRefusesEveryControlCharacterButTwo(t *testing.T) {
	for r := rune(0); r <= 0x2100; r++ {
		code := ""
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			code = "control_character"
		}
		checkBad(t, "a"+string(r), domain.CheckText("field", "a"+string(r), 10), code)
		if refused := r < ' ' || r >= 0x7f && r <= 0x9f; refused != unicode.IsControl(r) {
			t.Errorf("%U: control character %t", r, unicode.IsControl(r))
		}
	}
}

func TestCheckNameIsOneLineOf1To200Characters(t *testing.T) {
	for name, code := range map[string]string{
		"L": "", strings.Repeat("ß", 200): "", "O'Neil-Łukasz 3rd": "", " a ": "",
		"": "blank", " ": "blank", "\u200b": "blank", "\n": "blank", "\x00": "blank",
		strings.Repeat("ß", 201): "too_long",
		"a\nb":                   "control_character", "a\tb": "control_character", "a\rb": "control_character", "a\x00": "control_character",
		"a\xff": "not_utf8",
	} {
		checkBad(t, name, domain.CheckName("field", name), code)
	}
}

func TestBlankIsWhatNobodySees(t *testing.T) {
	for _, blank := range []string{
		"", " ", "\t\n\v\f\r ", "\u0085\u00a0", "\u2003\u3000\u2028\u2029", // spaces and separators
		"\u200b\u200c\u200d\u2060\ufeff", "\u00ad", "\u202e", "\u2066\u2069", // without width
		"\u115f\u1160\u3164\uffa0", "\u034f", "\ufe0f", "\U000e0100", "\u2800", // fillers and selectors
		"\x00\x1b", "\U000f0000", "\ue000", // control characters, private use
	} {
		if !domain.Blank(blank) {
			t.Errorf("%+q is not blank", blank)
		}
	}
	for _, seen := range []string{"a", " . ", "0", "語", "👍", "👍\ufe0f", "\u200ba", "é", "€", "\ufffd"} {
		if domain.Blank(seen) {
			t.Errorf("%+q is blank", seen)
		}
	}
}

func TestParseDateReadsDaysOfTheCalendar(t *testing.T) {
	for text, code := range map[string]string{
		"2026-11-22": "", "2024-02-29": "", "1900-01-01": "", "9999-12-31": "",
		"": "not_a_date", "2026-02-29": "not_a_date", "2026-13-01": "not_a_date", "2026-00-10": "not_a_date", "2026-04-31": "not_a_date",
		"1899-12-31": "not_a_date", "0000-01-01": "not_a_date", "10000-01-01": "not_a_date", "-2026-01-01": "not_a_date",
		"2026-1-2": "not_a_date", "22.11.2026": "not_a_date", "2026-11-22T00:00:00Z": "not_a_date", " 2026-11-22": "not_a_date",
		"2026-11-22\n": "not_a_date", "２０２６-11-22": "not_a_date",
	} {
		date, err := domain.ParseDate("field", text)
		checkBad(t, text, err, code)
		if code == "" && string(date) != text || code != "" && date != "" {
			t.Errorf("%q is read as %q", text, date)
		}
	}
}

func TestDateOfIsTheDayInUTC(t *testing.T) {
	kiritimati := time.FixedZone("UTC+14", 14*60*60)
	for want, moment := range map[domain.Date]time.Time{
		"2026-11-22": time.Date(2026, 11, 22, 23, 59, 59, 999, time.UTC),
		"2026-11-21": time.Date(2026, 11, 22, 13, 59, 59, 0, kiritimati),
		"2026-11-23": time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	} {
		if got := domain.DateOf(moment); got != want {
			t.Errorf("%v is on %s, want %s", moment, got, want)
		}
	}
}

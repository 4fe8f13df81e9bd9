package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// badURL refuses what would reach a handler other than as it was sent, or would
// stop a database: a path or query that is not UTF-8 or holds control
// characters, an escape that is none (it would be read as an absent
// parameter), and a repeated parameter (all but the first would be dropped).
// A parameter that is a list takes its values separated by commas.
func badURL(u *url.URL) *Problem {
	if !isText(u.Path) {
		return badParameter("path", "", "wrong_format", "not UTF-8, or with control characters")
	}
	if u.RawQuery == "" {
		return nil
	}
	var array [8]string
	seen := array[:0]
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil || !isText(name) {
			return badParameter("query", "", "wrong_format", "not UTF-8, or with control characters or a broken escape")
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil || !isText(value) {
			return badParameter("query", name, "wrong_format", "not UTF-8, or with control characters or a broken escape")
		}
		if slices.Contains(seen, name) || len(seen) == 50 {
			return badParameter("query", name, "repeated", "given more than once")
		}
		seen = append(seen, name)
	}
	return nil
}

func badParameter(in, field, code, message string) *Problem {
	problem := NewProblem(http.StatusUnprocessableEntity, "invalid_parameter",
		strings.TrimPrefix(field+": "+message, ": "))
	problem.Errors = []FieldError{{In: in, Field: shorten(field), Code: code, Message: message}}
	return problem
}

// isText says that s is UTF-8 without control characters.
func isText(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s)
}

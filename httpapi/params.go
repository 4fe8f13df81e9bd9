package httpapi

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// Page is embedded in the input of every list. A limit above the maximum is
// refused, never cut.
type Page struct {
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before; absent for the first page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"the most entries to answer with"`
}

// Idempotent is embedded in the input of every command. The key is empty where
// the client sends none.
type Idempotent struct {
	Key string `header:"Idempotency-Key" maxLength:"255" doc:"chosen by the client for this one command, 1 to 255 characters of printable ASCII; a repetition with the same key and body is answered as the first time"`
}

// badKey refuses an idempotency key that huma would take for absent (an empty
// one), read in part (a repeated one), or need a regular expression to refuse.
func badKey(values []string) *Problem {
	const name = "Idempotency-Key"
	switch {
	case len(values) > 1:
		return badParameter("header", name, "repeated", "given more than once")
	case len(values) == 1 && values[0] == "":
		return badParameter("header", name, "too_short", "is empty")
	case len(values) == 1 && strings.ContainsFunc(values[0], func(r rune) bool { return r < ' ' || r > '~' }):
		return badParameter("header", name, "wrong_format", "printable ASCII is expected")
	}
	return nil
}

// uuidSchema is how ids are described and checked: the 36 characters, and none
// of the other spellings that a parser would take.
type uuidSchema struct{}

func (uuidSchema) Schema(huma.Registry) *huma.Schema {
	length := 36
	return &huma.Schema{Type: huma.TypeString, Format: "uuid", MinLength: &length, MaxLength: &length}
}

func describeIDs(schemas huma.Registry) {
	schemas.RegisterTypeAlias(reflect.TypeFor[uuid.UUID](), reflect.TypeFor[uuidSchema]())
}

package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// jsonFormat is how bodies are read and written.
//
// huma decodes a body twice: into an any that it validates, then into the
// handler's input. The two must see the same thing, so a body is refused where
// encoding/json would read it differently the second time: a repeated key (the
// last one wins in a map, but objects are merged in a struct). Invalid UTF-8 is
// refused too, which encoding/json replaces without a word. Anything after the
// value encoding/json refuses itself.
var jsonFormat = huma.Format{Marshal: writeJSON, Unmarshal: readJSON}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writeJSON writes a body at once. A failed write is no error: the client is
// gone, and huma would make a panic of it.
func writeJSON(w io.Writer, v any) error {
	if e, ok := v.(interface{ encoded() []byte }); ok {
		if len(e.encoded()) > 0 {
			w.Write(e.encoded())
		}
		return nil
	}
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	w.Write(buffer.Bytes())
	if buffer.Cap() <= 1<<20 {
		buffers.Put(buffer)
	}
	return nil
}

const wrongTypeMessage = "wrong type of value: " // then the name of the field

func readJSON(data []byte, v any) error {
	parsed, first := v.(*any)
	if first && !utf8.Valid(data) {
		return errors.New("the body is not UTF-8")
	}
	if err := json.Unmarshal(data, v); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("the body is not JSON: %s at byte %d", syntax.Error(), syntax.Offset)
		}
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return errors.New(wrongTypeMessage + wrong.Field)
		}
		return errors.New("expected string to have the format of its field") // of an UnmarshalText
	}
	if first && countKeys(data) != keysOf(*parsed) {
		return errors.New("the body has an object with a repeated key")
	}
	return nil
}

// countKeys counts the keys of all objects in valid JSON: each has one colon
// outside of strings.
func countKeys(data []byte) int {
	count := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case ':':
			count++
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		}
	}
	return count
}

// keysOf counts the keys that were left after decoding.
func keysOf(v any) int {
	count := 0
	switch v := v.(type) {
	case map[string]any:
		count = len(v)
		for _, value := range v {
			count += keysOf(value)
		}
	case []any:
		for _, value := range v {
			count += keysOf(value)
		}
	}
	return count
}

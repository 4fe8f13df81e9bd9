package readmodel

import (
	"strings"
)

// ID is an argument of a query that is compared with columns of type Identifier.
// A text that is no identifier equals nothing, and nothing comes before or after it.
type ID string

// AppendID appends the compact form of an identifier, and reports whether it is
// one: the 16 bytes of a uuid, after the category and the hyphen if it is the name
// of a stream; nothing for the empty text. Names order as their texts do, uuids as
// theirs, and what is no identifier in its one spelling is none.
func AppendID(to []byte, id string) ([]byte, bool) {
	if id == "" {
		return to, true
	}
	n := len(id) - len("00000000-0000-0000-0000-000000000000")
	if n < 0 || n == 1 || n > 1 && (strings.IndexByte(id, '-') != n-1 || id[0] < ' ') {
		return to, false
	}
	compact, text := append(to, id[:n]...), id[n:]
	for i := 0; i < len(text); i += 2 {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return to, false
			}
			i++
		}
		high, low := digits[text[i]], digits[text[i+1]]
		if high|low > 15 {
			return to, false
		}
		compact = append(compact, high<<4|low)
	}
	return compact, true
}

// IDOf gives the text of a compact form back.
func IDOf(compact []byte) (id string, ok bool) {
	n := len(compact) - 16
	if n < 0 {
		return "", len(compact) == 0
	}
	text := append(make([]byte, 0, 96), compact[:n]...)
	for i := range 16 {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = append(text, hexadecimal[compact[n+i]>>4], hexadecimal[compact[n+i]&15])
	}
	return string(text), true
}

const hexadecimal = "0123456789abcdef"

// digits has the value of each lower case hexadecimal digit, and 255 elsewhere.
var digits = func() (values [256]byte) {
	for i := range values {
		values[i] = 255
	}
	for i, digit := range hexadecimal {
		values[digit] = byte(i)
	}
	return values
}()

package readmodel

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// appendKey encodes one value of a key. Equal values give equal bytes whatever
// their Go types are, none is the beginning of another, and bytes order as both
// engines order values.
func appendKey(to []byte, t Type, value any) ([]byte, error) {
	switch t {
	case Text:
		switch v := value.(type) {
		case string:
			return appendText(to, v), nil
		case uuid.UUID:
			return appendText(to, v.String()), nil
		case []byte:
			return appendText(to, string(v)), nil
		}
	case Integer:
		switch v := value.(type) {
		case int64:
			return appendInteger(to, v), nil
		case int:
			return appendInteger(to, int64(v)), nil
		}
	case Boolean:
		if v, ok := value.(bool); ok {
			if v {
				return append(to, 1), nil
			}
			return append(to, 0), nil
		}
	case Identifier:
		switch v := value.(type) {
		case string:
			return appendIdentifier(to, v)
		case ID:
			return appendIdentifier(to, string(v))
		case uuid.UUID:
			return append(append(to, uuidKey), v[:]...), nil
		case []byte:
			return appendIdentifier(to, string(v))
		}
	case Time:
		if v, ok := value.(time.Time); ok {
			return appendInteger(to, v.UnixMicro()), nil
		}
	}
	plain, err := driver.DefaultParameterConverter.ConvertValue(value)
	if err != nil {
		return to, err
	}
	if fmt.Sprintf("%T", plain) == fmt.Sprintf("%T", value) {
		return to, fmt.Errorf("a %T cannot be a key of this type", value)
	}
	return appendKey(to, t, plain)
}

// appendText ends a text with a byte that orders before all others, and escapes
// that byte within.
func appendText(to []byte, s string) []byte {
	for i := range len(s) {
		if to = append(to, s[i]); s[i] == 0 {
			to = append(to, 255)
		}
	}
	return append(to, 0, 0)
}

// An identifier is empty, a uuid or a name. Neither is the beginning of another
// but for the uuid, which could look like anything.
const (
	emptyKey = iota
	uuidKey
)

func appendIdentifier(to []byte, id string) ([]byte, error) {
	from := len(to)
	switch len(id) {
	case 0:
		return append(to, emptyKey), nil
	case len(uuid.Nil.String()):
		to = append(to, uuidKey)
	}
	to, ok := AppendID(to, id)
	if !ok {
		return to[:from], fmt.Errorf("%q is no identifier", id)
	}
	return to, nil
}

func appendInteger(to []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(to, uint64(v)^1<<63)
}

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

func appendInteger(to []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(to, uint64(v)^1<<63)
}

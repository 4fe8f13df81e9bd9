package postgres

import (
	"database/sql"
	"database/sql/driver"
	bin "encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"lobby.example/readmodel"
)

// null marks the type of a parameter that is null.
const null = 1 << 31

// epoch is that of PostgreSQL's times, 2000-01-01, in microseconds since 1970.
const epoch = 946_684_800_000_000

var arrayTypes = map[readmodel.Type]struct{ array, element uint32 }{
	readmodel.Text:       {pgtype.TextArrayOID, pgtype.TextOID},
	readmodel.Integer:    {pgtype.Int8ArrayOID, pgtype.Int8OID},
	readmodel.Boolean:    {pgtype.BoolArrayOID, pgtype.BoolOID},
	readmodel.Time:       {pgtype.TimestamptzArrayOID, pgtype.TimestamptzOID},
	readmodel.Identifier: {pgtype.TextArrayOID, pgtype.TextOID},
}

// plain turns a value into a string, an int64, a bool, a time, or nil.
func plain(value any) (any, error) {
	switch v := value.(type) {
	case nil, string, int64, bool, time.Time:
		return v, nil
	case int:
		return int64(v), nil
	case uuid.UUID:
		return v.String(), nil
	case readmodel.ID:
		return string(v), nil
	case []byte:
		if v == nil {
			return nil, nil
		}
		return string(v), nil
	case float32, float64:
		return nil, fmt.Errorf("a %T cannot be stored", value)
	}
	// Named types, pointers and driver.Valuer come out as one of the above.
	converted, err := driver.DefaultParameterConverter.ConvertValue(value)
	if err != nil {
		return nil, err
	}
	return plain(converted)
}

// appendParameter encodes one parameter and tells its type.
func appendParameter(to []byte, value any) ([]byte, uint32, error) {
	switch v := value.(type) {
	case readmodel.ID:
		from := len(to)
		to, ok := readmodel.AppendID(to, string(v))
		if to = to[:from]; !ok {
			return to, pgtype.TextOID | null, nil
		}
		return append(to, v...), pgtype.TextOID, nil
	case uuid.UUID:
		return appendUUID(to, v), pgtype.TextOID, nil
	case *uuid.UUID:
		if v == nil {
			return to, pgtype.TextOID | null, nil
		}
		return appendUUID(to, *v), pgtype.TextOID, nil
	case sql.Null[uuid.UUID]:
		if !v.Valid {
			return to, pgtype.TextOID | null, nil
		}
		return appendUUID(to, v.V), pgtype.TextOID, nil
	case searched:
		to = appendArray(to, pgtype.TextOID, len(v))
		for _, text := range v {
			to = append(bin.BigEndian.AppendUint32(to, uint32(len(text))), text...)
		}
		return to, pgtype.TextArrayOID, nil
	}
	value, err := plain(value)
	if err != nil {
		return to, 0, err
	}
	switch v := value.(type) {
	case string:
		return append(to, v...), pgtype.TextOID, nil
	case int64:
		return bin.BigEndian.AppendUint64(to, uint64(v)), pgtype.Int8OID, nil
	case bool:
		return appendBool(to, v), pgtype.BoolOID, nil
	case time.Time:
		return bin.BigEndian.AppendUint64(to, uint64(v.UnixMicro()-epoch)), pgtype.TimestamptzOID, nil
	}
	return to, null, nil // of whatever type the place has
}

// appendArray begins an array of one dimension.
func appendArray(to []byte, element uint32, length int) []byte {
	for _, n := range [...]uint32{1, 1, element, uint32(length), 1} { // dimensions, nulls, type, length, lower bound
		to = bin.BigEndian.AppendUint32(to, n)
	}
	return to
}

// appendElement encodes one value of a column.
func appendElement(to []byte, t readmodel.Type, value any) ([]byte, error) {
	at := len(to)
	to = append(to, 0, 0, 0, 0)
	switch v := value.(type) {
	case string:
		if t == readmodel.Text {
			to = append(to, v...)
			bin.BigEndian.PutUint32(to[at:], uint32(len(v)))
			return to, nil
		}
	case uuid.UUID:
		if t == readmodel.Identifier || t == readmodel.Text {
			bin.BigEndian.PutUint32(to[at:], 36)
			return appendUUID(to, v), nil
		}
	}
	value, err := plain(value)
	if err != nil {
		return to, err
	}
	ok := true
	switch v := value.(type) {
	case nil:
		bin.BigEndian.PutUint32(to[at:], 1<<32-1)
		return to, nil
	case string:
		ok = t == readmodel.Text
		if t == readmodel.Identifier {
			to, ok = readmodel.AppendID(to, v)
			to = to[:at+4]
			if !ok {
				return to, fmt.Errorf("%q is no identifier", v)
			}
		}
		to = append(to, v...)
	case int64:
		ok = t == readmodel.Integer
		to = bin.BigEndian.AppendUint64(to, uint64(v))
	case bool:
		ok = t == readmodel.Boolean
		to = appendBool(to, v)
	case time.Time:
		ok = t == readmodel.Time
		to = bin.BigEndian.AppendUint64(to, uint64(v.UnixMicro()-epoch))
	}
	if !ok {
		return to, fmt.Errorf("a %T cannot be stored in such a column", value)
	}
	bin.BigEndian.PutUint32(to[at:], uint32(len(to)-at-4))
	return to, nil
}

func appendBool(to []byte, v bool) []byte {
	if v {
		return append(to, 1)
	}
	return append(to, 0)
}

func appendUUID(to []byte, id uuid.UUID) []byte {
	const digits = "0123456789abcdef"
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			to = append(to, '-')
		}
		to = append(to, digits[b>>4], digits[b&15])
	}
	return to
}

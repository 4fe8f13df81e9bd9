package projections_test

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/readmodel"
)

func keyOf(values []any) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%v\x00\xff", v)
	}
	return b.String()
}

func nothing(column readmodel.Column) any {
	if column.Null {
		return nil
	}
	return []any{"", int64(0), false, time.Time{}, ""}[column.Type]
}

// plain is the one form of a value in a column, or an error where an engine has one.
func plain(column readmodel.Column, value any) (any, error) {
	switch v := value.(type) {
	case nil:
		if !column.Null {
			return nil, fmt.Errorf("null")
		}
		return nil, nil
	case uuid.UUID:
		return v.String(), nil
	case readmodel.ID:
		return plain(column, string(v))
	case int:
		return int64(v), nil
	case string:
		if column.Type == readmodel.Identifier {
			if _, ok := readmodel.AppendID(nil, v); !ok {
				return nil, fmt.Errorf("%q is no identifier", v)
			}
		}
		return v, nil
	case int64, bool:
		return v, nil
	case time.Time:
		return time.UnixMicro(v.UnixMicro()).UTC(), nil
	}
	converted, err := driver.DefaultParameterConverter.ConvertValue(value)
	if err != nil {
		return nil, err
	}
	if text, ok := converted.([]byte); ok {
		converted = string(text)
	}
	return plain(column, converted)
}

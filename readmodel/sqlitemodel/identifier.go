package sqlitemodel

import (
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/google/uuid"

	"lobby.example/readmodel"
)

// convertArguments is convert for a query or a statement, which is all that tells
// an identifier from a text: it is a readmodel.ID or a uuid.UUID.
func (c *connection) convertArguments(values []any) ([]driver.NamedValue, error) {
	return c.convert(values, func(_ int, value any) (driver.Value, error) {
		switch v := value.(type) {
		case readmodel.ID:
			if compact, ok := c.compact(string(v)); ok {
				return compact, nil
			}
			return nil, nil // which equals nothing
		case uuid.UUID:
			return c.bytes(v), nil
		case *uuid.UUID:
			if v == nil {
				return nil, nil
			}
			return c.bytes(*v), nil
		case sql.Null[uuid.UUID]:
			if !v.Valid {
				return nil, nil
			}
			return c.bytes(v.V), nil
		}
		return toDriver(value)
	})
}

// convertRows is convert for rows with columns of these types.
func (c *connection) convertRows(types []readmodel.Type, values []any) ([]driver.NamedValue, error) {
	return c.convert(values, func(i int, value any) (driver.Value, error) {
		if types[i%len(types)] != readmodel.Identifier {
			return toDriver(value)
		}
		if v, ok := value.(uuid.UUID); ok {
			return c.bytes(v), nil
		}
		plain, err := toDriver(value)
		if err != nil || plain == nil {
			return plain, err
		}
		text, ok := plain.(string)
		if ok {
			plain, ok = c.compact(text)
		}
		if !ok {
			return nil, fmt.Errorf("%v is no identifier", value)
		}
		return plain, nil
	})
}

// compact gives the compact form of an identifier, valid until the next convert.
func (c *connection) compact(id string) (driver.Value, bool) {
	from := len(c.compacted)
	var ok bool
	c.compacted, ok = readmodel.AppendID(c.compacted, id)
	return c.compacted[from:], ok
}

func (c *connection) bytes(id uuid.UUID) driver.Value {
	from := len(c.compacted)
	c.compacted = append(c.compacted, id[:]...)
	return c.compacted[from:]
}

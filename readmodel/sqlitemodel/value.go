package sqlitemodel

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"

	"lobby.example/readmodel"
)

// toDriver turns a value into what is stored for it: text, an integer, or null.
func toDriver(value any) (driver.Value, error) {
	switch v := value.(type) {
	case nil, string, int64:
		return v, nil
	case int:
		return int64(v), nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case time.Time:
		return v.UnixMicro(), nil
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
	plain, err := driver.DefaultParameterConverter.ConvertValue(value)
	if err != nil {
		return nil, err
	}
	return toDriver(plain)
}

// scan stores what the driver read into a pointer. Bytes are an identifier.
func scan(from driver.Value, into any) error {
	if compact, ok := from.([]byte); ok {
		if to, ok := into.(*uuid.UUID); ok && len(compact) == len(to) {
			copy(to[:], compact)
			return nil
		}
		text, ok := readmodel.IDOf(compact)
		if !ok {
			return fmt.Errorf("%x is no identifier", compact)
		}
		from = text
	}
	switch to := into.(type) {
	case *string:
		if v, ok := from.(string); ok {
			*to = v
			return nil
		}
	case *int64:
		if v, ok := from.(int64); ok {
			*to = v
			return nil
		}
	case *int:
		if v, ok := from.(int64); ok {
			*to = int(v)
			return nil
		}
	case *bool:
		if v, ok := from.(int64); ok {
			*to = v != 0
			return nil
		}
	case *time.Time:
		if v, ok := from.(int64); ok {
			*to = time.UnixMicro(v).UTC()
			return nil
		}
	case *uuid.UUID:
		if v, ok := from.(string); ok {
			id, err := uuid.Parse(v)
			if err == nil {
				*to = id
			}
			return err
		}
	case *[]byte:
		if v, ok := from.(string); ok {
			*to = []byte(v)
			return nil
		}
	case *sql.NullTime:
		return scanNull(from, &to.Time, &to.Valid)
	case *sql.Null[time.Time]:
		return scanNull(from, &to.V, &to.Valid)
	case *sql.Null[uuid.UUID]:
		return scanNull(from, &to.V, &to.Valid)
	case sql.Scanner:
		return to.Scan(from)
	default:
		return scanReflected(from, into)
	}
	return fmt.Errorf("a %T cannot be scanned into a %T", from, into)
}

func scanNull[T any](from driver.Value, into *T, valid *bool) error {
	*valid = from != nil
	if from == nil {
		*into = *new(T)
		return nil
	}
	return scan(from, into)
}

// scanReflected knows pointers to pointers, nil for null, and named types.
func scanReflected(from driver.Value, into any) error {
	p := reflect.ValueOf(into)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fmt.Errorf("a %T is not a pointer to scan into", into)
	}
	to := p.Elem()
	switch v := from.(type) {
	case nil:
		if to.Kind() == reflect.Pointer {
			to.SetZero()
			return nil
		}
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return nil
		}
	case int64:
		if to.CanInt() && !to.OverflowInt(v) {
			to.SetInt(v)
			return nil
		}
		if to.Kind() == reflect.Bool {
			to.SetBool(v != 0)
			return nil
		}
	}
	if to.Kind() == reflect.Pointer {
		target := reflect.New(to.Type().Elem())
		if err := scan(from, target.Interface()); err != nil {
			return err
		}
		to.Set(target)
		return nil
	}
	return fmt.Errorf("a %T cannot be scanned into a %T", from, into)
}

package postgres

import (
	"database/sql"
	bin "encoding/binary"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// scan stores what the server sent of a column of a type into a pointer; raw is
// nil for null.
func scan(t uint32, raw []byte, into any) error {
	if raw != nil {
		switch to := into.(type) {
		case *string:
			if isText(t) {
				*to = string(raw)
				return nil
			}
		case **string:
			if isText(t) {
				text := string(raw)
				*to = &text
				return nil
			}
		case *bool:
			if t == pgtype.BoolOID && len(raw) == 1 {
				*to = raw[0] != 0
				return nil
			}
		case *int64:
			if t == pgtype.Int8OID && len(raw) == 8 {
				*to = int64(bin.BigEndian.Uint64(raw))
				return nil
			}
		}
	}
	from, err := decode(t, raw)
	if err != nil {
		return err
	}
	return assign(from, into)
}

func isText(t uint32) bool {
	return t == pgtype.TextOID || t == pgtype.VarcharOID || t == pgtype.BPCharOID || t == pgtype.NameOID
}

// decode gives a string, an int64, a bool, a time, or nil.
func decode(t uint32, raw []byte) (any, error) {
	switch n := len(raw); {
	case raw == nil:
		return nil, nil
	case isText(t):
		return string(raw), nil
	case t == pgtype.Int8OID && n == 8:
		return int64(bin.BigEndian.Uint64(raw)), nil
	case t == pgtype.Int4OID && n == 4:
		return int64(int32(bin.BigEndian.Uint32(raw))), nil
	case t == pgtype.Int2OID && n == 2:
		return int64(int16(bin.BigEndian.Uint16(raw))), nil
	case t == pgtype.BoolOID && n == 1:
		return raw[0] != 0, nil
	case t == pgtype.TimestamptzOID && n == 8:
		return time.UnixMicro(int64(bin.BigEndian.Uint64(raw)) + epoch).UTC(), nil
	case t == pgtype.NumericOID: // the sum of a column
		var number pgtype.Numeric
		if err := (pgtype.NumericCodec{}).PlanScan(nil, t, pgtype.BinaryFormatCode, &number).Scan(raw, &number); err != nil {
			return nil, err
		}
		whole, err := number.Int64Value()
		return whole.Int64, err
	}
	return nil, fmt.Errorf("a column of the type %d is none that a table has", t)
}

func assign(from, into any) error {
	switch to := into.(type) {
	case *int:
		if v, ok := from.(int64); ok {
			*to = int(v)
			return nil
		}
	case *int64:
		if v, ok := from.(int64); ok {
			*to = v
			return nil
		}
	case *time.Time:
		if v, ok := from.(time.Time); ok {
			*to = v
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
	case *sql.Null[time.Time]:
		return assignNull(from, &to.V, &to.Valid)
	case *sql.Null[uuid.UUID]:
		return assignNull(from, &to.V, &to.Valid)
	case sql.Scanner:
		return to.Scan(from)
	default:
		return assignReflected(from, into)
	}
	return cannot(from, into)
}

func assignNull[T any](from any, into *T, valid *bool) error {
	*valid = from != nil
	if from == nil {
		*into = *new(T)
		return nil
	}
	return assign(from, into)
}

// assignReflected knows pointers to pointers, nil for null, and named types.
func assignReflected(from, into any) error {
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
	case bool:
		if to.Kind() == reflect.Bool {
			to.SetBool(v)
			return nil
		}
	}
	if to.Kind() == reflect.Pointer {
		target := reflect.New(to.Type().Elem())
		if err := assign(from, target.Interface()); err != nil {
			return err
		}
		to.Set(target)
		return nil
	}
	return cannot(from, into)
}

func cannot(from, into any) error { return fmt.Errorf("a %T cannot be scanned into a %T", from, into) }

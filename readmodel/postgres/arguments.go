package postgres

import (
	"fmt"

	"lobby.example/readmodel"
)

// parameters encodes the values of a query or a statement, valid until the next
// call. What is no identifier comes as null, which equals nothing.
func (s *session) parameters(values []any) (arguments [][]byte, types []uint32, err error) {
	s.encoded, s.arguments = s.encoded[:0], s.arguments[:0]
	types = make([]uint32, 0, 16)
	var ends [64]int
	at := ends[:0]
	for i, value := range values {
		var t uint32
		if s.encoded, t, err = appendParameter(s.encoded, value); err != nil {
			return nil, nil, fmt.Errorf("parameter %d: %w", i+1, err)
		}
		types, at = append(types, t&^null), append(at, len(s.encoded))
		if t&null != 0 {
			at[i] = -1 - at[i]
		}
	}
	from := 0
	for _, to := range at {
		if to < 0 {
			s.arguments = append(s.arguments, nil)
			from = -1 - to
			continue
		}
		s.arguments = append(s.arguments, s.encoded[from:to:to])
		from = to
	}
	return s.arguments, types, nil
}

// arrays encodes the values of rows, as an array for each of the columns, valid
// until the next call.
func (s *session) arrays(columns []readmodel.Type, values []any) (arguments [][]byte, err error) {
	s.encoded, s.arguments = s.encoded[:0], s.arguments[:0]
	n := len(columns)
	ends := make([]int, n)
	for i, t := range columns {
		s.encoded = appendArray(s.encoded, arrayTypes[t].element, len(values)/n)
		for at := i; at < len(values); at += n {
			if s.encoded, err = appendElement(s.encoded, t, values[at]); err != nil {
				return nil, fmt.Errorf("column %d: %w", i+1, err)
			}
		}
		ends[i] = len(s.encoded)
	}
	from := 0
	for _, to := range ends {
		s.arguments = append(s.arguments, s.encoded[from:to:to])
		from = to
	}
	return s.arguments, nil
}

package readmodel

import "context"

// Ask is a query as Query.Rows runs it.
type Ask struct {
	SQL    string
	Values []any
	Each   func(scan func(...any) error) error
}

// Far is a Query whose rows are a round trip away, so that it would rather be asked
// several things at once.
type Far interface {
	// Together does what the function Together says.
	Together(ctx context.Context, asks ...Ask) error
}

// Together runs queries as Query.Rows does, one after the other, of which none needs
// the rows of another to be asked. The first error ends it: no Each is called
// after it.
func Together(ctx context.Context, q Query, asks ...Ask) error {
	if far, ok := q.(Far); ok {
		return far.Together(ctx, asks...)
	}
	for _, a := range asks {
		if err := q.Rows(ctx, a.SQL, a.Each, a.Values...); err != nil {
			return err
		}
	}
	return nil
}

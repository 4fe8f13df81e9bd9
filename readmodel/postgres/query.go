package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"lobby.example/readmodel"
)

// Rows runs the query.
func (q *query) Rows(ctx context.Context, sql string, each func(func(...any) error) error, values ...any) error {
	return q.Together(ctx, readmodel.Ask{SQL: sql, Values: values, Each: each})
}

// Together sends all queries before it waits for the first.
func (q *query) Together(ctx context.Context, asks ...readmodel.Ask) error {
	scan := q.scan // one closure for all rows
	return q.run(ctx, asks, func(i int, rows *pgconn.ResultReader) error {
		for rows.NextRow() {
			if err := ctx.Err(); err != nil {
				return err
			}
			q.row = rows.Values()
			if err := asks[i].Each(scan); err != nil {
				return err
			}
		}
		return nil
	})
}

// Row runs the query for its first row.
func (q *query) Row(ctx context.Context, sql string, into []any, values ...any) (found bool, err error) {
	err = q.run(ctx, []readmodel.Ask{{SQL: sql, Values: values}}, func(_ int, rows *pgconn.ResultReader) error {
		if found = rows.NextRow(); !found {
			return nil
		}
		q.row = rows.Values()
		return q.scan(into...)
	})
	return found && err == nil, err
}

func (q *query) run(ctx context.Context, asks []readmodel.Ask, read func(int, *pgconn.ResultReader) error) (err error) {
	switch {
	case q.over:
		return errors.New("postgres: a query after its view")
	case q.busy:
		return errors.New("postgres: a query inside another")
	case q.failed != nil:
		return q.failed
	case ctx.Err() != nil:
		return ctx.Err()
	}
	q.busy = true
	defer func() {
		q.unwatch()
		q.busy, q.unwatch = false, func() {}
	}()
	if q.pipeline == nil {
		if err := q.begin(ctx, asks); err != nil {
			return err
		}
	} else {
		q.watch(ctx)
		if err := q.send(asks); err != nil {
			return q.failure(ctx, err)
		}
		q.pipeline.SendFlushRequest()
		if err := q.pipeline.Flush(); err != nil {
			return q.failure(ctx, err)
		}
	}
	for i, st := range q.sent {
		rows, failed := q.session.received(q.pipeline, st)
		if failed == nil {
			q.fields = st.description.Fields
			if err == nil { // else this one is only read to its end
				err = read(i, rows)
			}
			_, failed = rows.Close() // also of what comes after an error of each
		}
		if failed != nil {
			if failed = q.failure(ctx, failed); err == nil {
				err = failed
			}
			return err
		}
	}
	return err
}

// watch ends what runs once the context of a query does, if it is another than
// that of the view.
func (q *query) watch(ctx context.Context) {
	if ctx.Done() != q.ctx.Done() {
		q.unwatch = interruptAfter(ctx, q.session.PgConn)
	}
}

// failure says that the context has ended, if that is why the query did. No other
// query of the view is run after it: the transaction has failed.
func (q *query) failure(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case q.ctx.Err() != nil:
		err = q.ctx.Err()
	default:
		err = fmt.Errorf("postgres: query: %w", err)
	}
	q.failed = err
	return err
}

func (q *query) scan(into ...any) error {
	if len(into) != len(q.row) {
		return fmt.Errorf("postgres: %d pointers for %d columns", len(into), len(q.row))
	}
	for i, p := range into {
		if err := scan(q.fields[i].DataTypeOID, q.row[i], p); err != nil {
			return fmt.Errorf("postgres: column %d: %w", i+1, err)
		}
	}
	return nil
}

package sqlitemodel

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"lobby.example/readmodel"
)

// View reads on a connection of its own.
func (s *Store) View(ctx context.Context, read func(readmodel.Query) error) (at readmodel.Checkpoint, err error) {
	readers := s.readers.Load()
	c, err := readers.take(ctx)
	if err != nil {
		return at, err
	}
	defer readers.put(c)
	snapshot, at, err := c.snapshot(context.Background())
	if err != nil {
		return at, fmt.Errorf("sqlitemodel: view of %s: %w", s.model.Name, err)
	}
	q := &query{c: c, tables: s.model.Tables, done: ctx.Done()}
	stop := c.interruptAfter(ctx)
	defer func() {
		q.c = nil
		stop()
		if closing := snapshot.Close(); err == nil {
			err = closing
		}
	}()
	return at, read(q)
}

// query is the Query of one View, for as long as that runs.
type query struct {
	c      *connection
	tables []*readmodel.Table
	done   <-chan struct{} // of the view's context
	busy   bool
	row    []driver.Value
}

// Rows runs the query.
func (q *query) Rows(ctx context.Context, sql string, each func(func(...any) error) error, values ...any) error {
	return q.run(ctx, sql, values, func(rows driver.Rows) error {
		scan := q.scan // one closure for all rows
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := rows.Next(q.row); err == io.EOF {
				return nil
			} else if err != nil {
				return failure(ctx, err)
			}
			if err := each(scan); err != nil {
				return err
			}
		}
	})
}

// Row runs the query for its first row.
func (q *query) Row(ctx context.Context, sql string, into []any, values ...any) (found bool, err error) {
	err = q.run(ctx, sql, values, func(rows driver.Rows) error {
		if err := rows.Next(q.row); err == io.EOF {
			return nil
		} else if err != nil {
			return failure(ctx, err)
		}
		found = true
		return q.scan(into...)
	})
	return found, err
}

func (q *query) run(ctx context.Context, sql string, values []any, read func(driver.Rows) error) (err error) {
	if q.c == nil {
		return errors.New("sqlitemodel: a query after its view")
	}
	if q.busy {
		return errors.New("sqlitemodel: a query inside another")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	st, err := q.c.prepare(sql)
	if err != nil {
		return failure(ctx, err)
	}
	args, err := q.c.convertArguments(values)
	if err != nil {
		return failure(ctx, err)
	}
	own := ctx
	if ctx.Done() == q.done {
		own = context.Background() // the view's is watched already
	}
	rows, err := st.QueryContext(own, args)
	if err != nil {
		return failure(ctx, err)
	}
	q.busy = true
	defer func() {
		q.busy = false
		if closing := rows.Close(); err == nil { // else it says the same again
			err = closing
		}
	}()
	n := len(rows.Columns())
	if cap(q.row) < n {
		q.row = make([]driver.Value, n)
	}
	q.row = q.row[:n]
	return read(rows)
}

// failure says that the context has ended, if that is why the query did.
func failure(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	return fmt.Errorf("sqlitemodel: query: %w", err)
}

func (q *query) scan(into ...any) error {
	if len(into) != len(q.row) {
		return fmt.Errorf("sqlitemodel: %d pointers for %d columns", len(into), len(q.row))
	}
	for i, p := range into {
		if err := scan(q.row[i], p); err != nil {
			return fmt.Errorf("sqlitemodel: column %d: %w", i+1, err)
		}
	}
	return nil
}

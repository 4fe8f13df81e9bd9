package sqlitemodel

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"lobby.example/readmodel"
)

// rowsAtOnce are the sizes of the statements that write rows, largest first.
var rowsAtOnce = [...]int{64, 8, 1}

// Apply writes rows and checkpoint in one transaction. Where it fails, nothing of
// it is there and the store goes on, except while the build is filled.
func (s *Store) Apply(ctx context.Context, from, to readmodel.Checkpoint, operations []readmodel.Operation) error {
	c, err := s.writer.take(ctx)
	if err != nil {
		return err
	}
	filling := s.filling
	if filling {
		if err = s.apply(ctx, c, from, to, operations); err == nil {
			err = s.unindexed.index(c, s.model.Tables, filling)
		}
	} else {
		err = s.transact(ctx, c, from, to, operations)
	}
	s.writer.put(c)
	if err == nil {
		return nil
	}
	if filling && !errors.Is(err, readmodel.ErrMoved) {
		err = errors.Join(err, s.Close())
	}
	return fmt.Errorf("sqlitemodel: apply to %s: %w", s.model.Name, known(err))
}

// known says of an error whether it is room that was missing.
func known(err error) error {
	if code := (*sqlite.Error)(nil); errors.As(err, &code) && code.Code()&0xff == sqlite3.SQLITE_FULL {
		return fmt.Errorf("%w: %w", readmodel.ErrFull, err)
	}
	return err
}

func (s *Store) transact(ctx context.Context, c *connection, from, to readmodel.Checkpoint, operations []readmodel.Operation) error {
	// Immediate, because a transaction that begins by reading cannot wait for
	// another writer: what it has read is old by then.
	_, err := c.exec(ctx, "begin immediate")
	if err == nil {
		err = s.apply(ctx, c, from, to, operations)
	}
	if err == nil {
		err = s.unindexed.index(c, s.model.Tables, false)
	}
	if err == nil {
		_, err = c.exec(context.Background(), "commit")
	}
	if err != nil {
		c.exec(context.Background(), "rollback") // fails where SQLite has rolled back, or nothing began
		s.unindexed.unknown()
		return err
	}
	s.checks.committed(c)
	return nil
}

func (s *Store) apply(ctx context.Context, c *connection, from, to readmodel.Checkpoint, operations []readmodel.Operation) error {
	moved, err := c.exec(context.Background(), moveCheckpoint, to.Position, to.Event, from.Position, from.Event)
	if err != nil {
		return err
	}
	if moved == 0 {
		return readmodel.ErrMoved
	}
	return s.coalescer.Each(operations, func(w *readmodel.Write) error {
		if w.Run != nil {
			rows, err := c.exec(ctx, w.Run.SQL, w.Values...)
			s.checks.wrote(int(rows))
			s.unindexed.words += int(rows) // which may have been deleted; none inserts rows that are written once
			return err
		}
		s.checks.wrote(w.Rows)
		s.unindexed.wrote(w)
		if err := c.write(ctx, w); err != nil {
			return fmt.Errorf("table %s: %w", w.Table.Name, err)
		}
		return nil
	})
}

// write does not give the context to the driver, which starts a goroutine for
// one that can end, but looks at it between statements.
func (c *connection) write(ctx context.Context, w *readmodel.Write) error {
	columns := w.Set.Len()
	if w.Set == 0 {
		columns = w.Table.Key
	}
	left := w.Values
	for i, n := range rowsAtOnce {
		for len(left) >= n*columns {
			if err := ctx.Err(); err != nil {
				return err
			}
			s, err := c.rowsStatement(w, i)
			if err != nil {
				return err
			}
			args, err := c.convertRows(s.types, left[:n*columns])
			if err != nil {
				return err
			}
			if _, err := s.ExecContext(context.Background(), args); err != nil {
				return err
			}
			left = left[n*columns:]
		}
	}
	return nil
}

// rowsStatement writes rows of columns of these types.
type rowsStatement struct {
	statement
	types []readmodel.Type
}

// rowsStatement is the statement for rowsAtOnce[size] rows.
func (c *connection) rowsStatement(w *readmodel.Write, size int) (s rowsStatement, err error) {
	key := rowsKey{w.Table, w.Set, size}
	s, ok := c.rows[key]
	if ok {
		return s, nil
	}
	text := upsertRows
	switch {
	case w.Set == 0:
		text = deleteRows
	case w.Table.Once:
		text = insertRows
	}
	s.statement, err = c.compile(text(w.Table, w.Set, rowsAtOnce[size]))
	for i, column := range w.Table.Columns {
		if w.Set == 0 && i < w.Table.Key || w.Set&(1<<i) != 0 {
			s.types = append(s.types, column.Type)
		}
	}
	if err == nil {
		c.rows[key] = s
	}
	return s, err
}

type rowsKey struct {
	table *readmodel.Table
	set   readmodel.ColumnSet
	size  int
}

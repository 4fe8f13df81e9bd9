package sqlitemodel

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"lobby.example/readmodel"
)

// keptStatements bounds the prepared statements of one connection. The texts of a
// program are few; lists of many lengths make them many.
const keptStatements = 200

// connection is one connection with its prepared statements. It speaks to the
// driver directly: what database/sql adds, a pool and the conversion of values,
// is here already in the form that read models need, and with its transactions a
// View of one row takes two to three times as long.
type connection struct {
	conn   driver.Conn
	handle uintptr // of SQLite
	stmts  map[string]statement
	args   []driver.NamedValue
	// The compact forms of the identifiers in args.
	compacted []byte
	// The one statement that stays open while others run, so it is not kept
	// among those that may be forgotten meanwhile.
	selectCheckpoint statement
	// Those that write rows are as many as the model makes them.
	rows map[rowsKey]rowsStatement
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func connect(path string, pragmas ...string) (*connection, error) {
	values := url.Values{"mode": {"rw"}, "_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: values.Encode()}
	conn, err := searching().Open(name.String())
	if err != nil {
		return nil, err
	}
	db, err := handle(conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &connection{conn: conn, handle: db, stmts: map[string]statement{}, rows: map[rowsKey]rowsStatement{}, compacted: []byte{}}, nil
}

func (c *connection) Close() error {
	err := c.forgetStatements()
	for _, s := range c.rows {
		err = errors.Join(err, s.Close())
	}
	if c.selectCheckpoint != nil {
		err = errors.Join(err, c.selectCheckpoint.Close())
	}
	return errors.Join(err, c.conn.Close())
}

func (c *connection) forgetStatements() (err error) {
	for _, s := range c.stmts {
		err = errors.Join(err, s.Close())
	}
	clear(c.stmts)
	return err
}

func (c *connection) prepare(sql string) (statement, error) {
	if s, ok := c.stmts[sql]; ok {
		return s, nil
	}
	if len(c.stmts) == keptStatements {
		if err := c.forgetStatements(); err != nil {
			return nil, err
		}
	}
	s, err := c.compile(sql)
	if err == nil {
		c.stmts[sql] = s
	}
	return s, err
}

func (c *connection) compile(sql string) (statement, error) {
	p, err := c.conn.Prepare(sql)
	if err != nil {
		return nil, err
	}
	s, ok := p.(statement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's statement is a %T", p), p.Close())
	}
	return s, nil
}

// convert is valid until the next call.
func (c *connection) convert(values []any, one func(i int, value any) (driver.Value, error)) ([]driver.NamedValue, error) {
	c.compacted = c.compacted[:0]
	for i := len(c.args); i < len(values); i++ {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1})
	}
	for i, value := range values {
		v, err := one(i, value)
		if err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i+1, err)
		}
		c.args[i].Value = v
	}
	return c.args[:len(values)], nil
}

// exec runs one statement and counts the rows it changed.
func (c *connection) exec(ctx context.Context, sql string, values ...any) (int64, error) {
	s, err := c.prepare(sql)
	if err != nil {
		return 0, err
	}
	args, err := c.convertArguments(values)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// script runs several statements without parameters.
func (c *connection) script(ctx context.Context, sql string) error {
	s, err := c.compile(sql)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, nil)
	return errors.Join(err, s.Close())
}

// snapshot reads the checkpoint and leaves the statement open. In SQLite a
// snapshot lives as long as any statement of the connection is active, so what is
// read on it until the rows are closed is of that checkpoint, and there is no
// need for a transaction with its two statements.
func (c *connection) snapshot(ctx context.Context) (driver.Rows, readmodel.Checkpoint, error) {
	var at readmodel.Checkpoint
	if c.selectCheckpoint == nil {
		var err error
		if c.selectCheckpoint, err = c.compile(selectCheckpoint); err != nil {
			return nil, at, err
		}
	}
	rows, err := c.selectCheckpoint.QueryContext(ctx, nil)
	if err != nil {
		return nil, at, err
	}
	var row [2]driver.Value
	if err := rows.Next(row[:]); err != nil {
		return nil, at, errors.Join(fmt.Errorf("reading the checkpoint: %w", err), rows.Close())
	}
	at.Position, _ = row[0].(string)
	at.Event, _ = row[1].(string)
	return rows, at, nil
}

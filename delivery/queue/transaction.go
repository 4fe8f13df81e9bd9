package queue

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// writer is the one connection that writes. Its transactions are short and are
// not broken off: half of one is of no use to anybody.
type writer struct {
	mu         sync.Mutex
	conn       *sql.Conn // nil when closed
	statements map[string]*sql.Stmt
}

// transaction is what a change is made with. Its texts are constants: each is
// prepared once and kept.
type transaction struct{ w *writer }

func (w *writer) open(db *sql.DB) (err error) {
	w.statements = map[string]*sql.Stmt{}
	w.conn, err = db.Conn(context.Background())
	return err
}

func (w *writer) close() (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return nil
	}
	for _, s := range w.statements {
		err = errors.Join(err, s.Close())
	}
	err = errors.Join(err, w.conn.Close())
	w.conn = nil
	return err
}

// change makes one transaction of what f does, or none of it when f fails.
func (w *writer) change(f func(*transaction) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.locked(f)
}

// durably is change with an fsync before it returns, for what nobody could bring
// again after a power cut.
func (w *writer) durably(f func(*transaction) error) (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return ErrClosed
	}
	tx := &transaction{w}
	if err := tx.script("pragma synchronous = full"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.script("pragma synchronous = normal")) }()
	return w.locked(f)
}

func (w *writer) locked(f func(*transaction) error) error {
	if w.conn == nil {
		return ErrClosed
	}
	tx := &transaction{w}
	if _, err := tx.exec("begin immediate"); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // f failed or panicked, or the commit did
			tx.exec("rollback")
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	if _, err := tx.exec("commit"); err != nil {
		return err
	}
	done = true
	return nil
}

func (tx *transaction) statement(text string) (*sql.Stmt, error) {
	if s, ok := tx.w.statements[text]; ok {
		return s, nil
	}
	s, err := tx.w.conn.PrepareContext(context.Background(), text)
	if err == nil {
		tx.w.statements[text] = s
	}
	return s, err
}

// exec answers how many rows changed.
func (tx *transaction) exec(text string, args ...any) (int, error) {
	s, err := tx.statement(text)
	if err != nil {
		return 0, err
	}
	result, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func (tx *transaction) query(text string, args ...any) (*sql.Rows, error) {
	s, err := tx.statement(text)
	if err != nil {
		return nil, err
	}
	return s.Query(args...)
}

// scanner is a row, or the reason why there is none.
type scanner interface{ Scan(...any) error }

type failed struct{ error }

func (f failed) Scan(...any) error { return f.error }

func (tx *transaction) row(text string, args ...any) scanner {
	s, err := tx.statement(text)
	if err != nil {
		return failed{err}
	}
	return s.QueryRow(args...)
}

// script runs what is used once, and is not kept.
func (tx *transaction) script(text string) error {
	_, err := tx.w.conn.ExecContext(context.Background(), text)
	return err
}

// change is how the store changes the file, unless the caller is gone already.
func (s *Store) change(ctx context.Context, f func(*transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.writer.change(f)
}

package queue

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrOwned refuses the ownership while another process, or another Store, has it.
	ErrOwned = errors.New("queue: another process delivers already")
	// ErrNotOwner refuses what only the owner does.
	ErrNotOwner = errors.New("queue: only the owner plans and delivers")
)

// Own makes this store the one that plans and delivers, until Close or the end of
// the process, however it ends; or fails with ErrOwned. What another owner left
// in delivery is free again, and its attempt stays counted. What was left so more
// than once comes again after a pause of its own: one of those may be what ends the
// process, and the others must not be by its side every time. Owning again is nothing.
func (s *Store) Own() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.lock != nil:
		return nil
	}
	lock, err := takeLock(s.path + "-lock")
	if err != nil {
		return err
	}
	if err := s.writer.change(freeAll); err != nil {
		return errors.Join(fmt.Errorf("queue: free what was being delivered: %w", err), lock.Close())
	}
	s.lock = lock
	return nil
}

func freeAll(tx *transaction) error {
	suspects, err := tx.suspects()
	if err != nil {
		return err
	}
	for recipient, attempts := range suspects {
		due := time.Now().Add(backoff(attempts - 1)).UnixMicro()
		if _, err := tx.exec("update recipient set due = $2 where id = $1", recipient, due); err != nil {
			return err
		}
	}
	if _, err := tx.exec("update recipient set claim = 0 where claim <> 0"); err != nil {
		return err
	}
	_, err = tx.exec("delete from recipient where items = 0")
	return err
}

// suspects are the recipients left in delivery more than once, with their attempts.
func (tx *transaction) suspects() (map[int64]int, error) {
	rows, err := tx.query("select id, attempts from recipient where claim <> 0 and attempts > 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64]int{}
	for rows.Next() {
		var id int64
		var attempts int
		if err := rows.Scan(&id, &attempts); err != nil {
			return nil, err
		}
		all[id] = attempts
	}
	return all, rows.Err()
}

// takeLock holds an exclusive lock on a file of its own until the result is
// closed or the process ends. It is SQLite's own lock, so it works wherever the
// driver does; and on a file beside, so that other processes can look and act.
func takeLock(path string) (*sql.DB, error) {
	db, err := connect(path, 1, false, []string{"busy_timeout(0)", "locking_mode(exclusive)"})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	if _, err := db.Exec("begin exclusive"); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrOwned, err), db.Close())
	}
	return db, nil
}

func (s *Store) owned() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.lock == nil:
		return ErrNotOwner
	}
	return nil
}

package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Retry has a recipient that is parked, or waits after a failure, go on at once
// with all its attempts. One that is being delivered to goes on at once when that
// fails. False: there is nothing for it.
func (s *Store) Retry(ctx context.Context, recipient string) (bool, error) {
	n := 0
	err := s.change(ctx, func(tx *transaction) (err error) {
		n, err = tx.exec(`
			update recipient set parked = 0, attempts = 0, due = $2, since = $2, reason = ''
			where name = $1 and items > 0`, recipient, time.Now().UnixMicro())
		return err
	})
	if err != nil {
		return false, fmt.Errorf("queue: retry %s: %w", recipient, err)
	}
	s.wake()
	return n > 0, nil
}

// operateRows bounds one transaction over many recipients, so that delivery goes on
// between them.
const operateRows = 1000

// RetryAll is Retry for each recipient of a topic, or of all with "", that is
// parked or waits after a failure. It answers how many there were.
func (s *Store) RetryAll(ctx context.Context, topic string) (int, error) {
	all, last := 0, int64(0)
	for {
		var end sql.NullInt64
		err := s.change(ctx, func(tx *transaction) error {
			err := tx.row(`
				select max(id) from (
					select id from recipient where id > $1 and ($2 = '' or topic = $2) and (parked = 1 or attempts > 0)
					order by id limit $3)`, last, topic, operateRows).Scan(&end)
			if err != nil || !end.Valid {
				return err
			}
			n, err := tx.exec(`
				update recipient set parked = 0, attempts = 0, due = $4, since = $4, reason = ''
				where id > $1 and id <= $3 and ($2 = '' or topic = $2) and (parked = 1 or attempts > 0) and items > 0 and claim = 0`,
				last, topic, end.Int64, time.Now().UnixMicro())
			all += n
			return err
		})
		s.wake()
		if err != nil {
			return all, fmt.Errorf("queue: retry: %w", err)
		}
		if !end.Valid {
			return all, nil
		}
		last = end.Int64
	}
}

// Drop gives up a recipient's first item, or all of them, and has the recipient go
// on with the next. It answers how many items went. What is being delivered may
// arrive all the same, and the next waits until it is known.
func (s *Store) Drop(ctx context.Context, recipient string, all bool) (dropped int, err error) {
	err = s.change(ctx, func(tx *transaction) (err error) {
		dropped, err = tx.drop(recipient, all, time.Now())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("queue: drop of %s: %w", recipient, err)
	}
	s.wake()
	return dropped, nil
}

// drop leaves a claim alone: a recipient has one message at a time, whatever became
// of its item.
func (tx *transaction) drop(recipient string, all bool, now time.Time) (int, error) {
	var id int64
	var items int
	err := tx.row("select id, items from recipient where name = $1", recipient).Scan(&id, &items)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, err
	}
	which := "delete from item where seq = (select min(seq) from item where recipient = $1)"
	if all {
		which = "delete from item where recipient = $1"
	}
	dropped, err := tx.exec(which, id)
	if err != nil {
		return 0, err
	}
	_, err = tx.exec(`
		update recipient set items = $2, parked = 0, attempts = 0, due = $3, since = $3, reason = '' where id = $1`,
		id, items-dropped, now.UnixMicro())
	if err != nil {
		return 0, err
	}
	return dropped, tx.forget(id)
}

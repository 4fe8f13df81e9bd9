package queue

import (
	"database/sql"
	"errors"
	"time"
)

// taken is a recipient's first item on its way. Its claim is of this attempt
// only: an answer under any other says nothing about it.
type taken struct {
	Item
	recipient, seq, claim int64
	attempt               int
}

type outcome int

const (
	delivered outcome = iota
	again             // after its pause
	released          // at once: nobody said that it failed
	returned          // it was never handed out, and was no attempt
)

// answer is what became of a taken item.
type answer struct {
	*taken
	outcome outcome
	due     time.Time // for again
	reason  string    // likewise
}

// usedUp is why an item is parked without anybody having said so.
const (
	usedUp  = "every attempt failed"
	crashed = "every attempt was used up, and the last one ended without an answer"
)

// settle writes what became of an item. The claim is gone where the item was
// parked meanwhile. Where an operator retried or dropped it, which sets the
// attempts to 0, a failure does not make the recipient wait.
func (tx *transaction) settle(a answer, maxAttempts int, now time.Time) error {
	var items, attempts int
	err := tx.row("select items, attempts from recipient where id = $1 and claim = $2", a.recipient, a.claim).Scan(&items, &attempts)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	meanwhile := attempts != a.attempt
	switch {
	case a.outcome == delivered:
		gone, err := tx.exec("delete from item where seq = $1", a.seq)
		if err != nil {
			return err
		}
		if gone == 1 {
			return tx.advance(a.recipient, items-1, now)
		}
	case a.outcome == again && !meanwhile && a.attempt >= maxAttempts:
		if a.reason == "" {
			a.reason = usedUp
		}
		return tx.park(a.recipient, a.reason, now)
	case a.outcome == again && !meanwhile:
		_, err := tx.exec("update recipient set claim = 0, due = $2, reason = $3 where id = $1", a.recipient, a.due.UnixMicro(), a.reason)
		return err
	case a.outcome == returned:
		_, err := tx.exec("update recipient set claim = 0, attempts = max(attempts - 1, 0) where id = $1", a.recipient)
		if err != nil {
			return err
		}
		return tx.forget(a.recipient)
	}
	if _, err := tx.exec("update recipient set claim = 0 where id = $1", a.recipient); err != nil {
		return err
	}
	return tx.forget(a.recipient)
}

// advance has the recipient's next item be the first one, or ends the recipient.
// It goes behind those who wait already, so that a long line of one recipient
// does not hold up the others.
func (tx *transaction) advance(recipient int64, items int, now time.Time) error {
	_, err := tx.exec(`
		update recipient set items = $2, claim = 0, attempts = 0, parked = 0, reason = '', due = $3, since = $3
		where id = $1`, recipient, items, now.UnixMicro())
	if err != nil || items > 0 {
		return err
	}
	return tx.forget(recipient)
}

// forget removes a recipient that has nothing to wait for.
func (tx *transaction) forget(recipient int64) error {
	_, err := tx.exec("delete from recipient where id = $1 and items = 0 and claim = 0", recipient)
	return err
}

func (tx *transaction) park(recipient int64, reason string, now time.Time) error {
	_, err := tx.exec("update recipient set parked = 1, claim = 0, reason = $2, since = $3 where id = $1",
		recipient, reason, now.UnixMicro())
	return err
}

const (
	itemColumns = "i.id, i.event, i.stream, i.revision, i.position, i.kind, i.time, i.correlation, r.topic, r.name"
	selectDue   = `
		select ` + itemColumns + `, r.id, i.seq, r.attempts
		from recipient r join item i on i.seq = (select min(seq) from item where recipient = r.id)
		where r.topic = $1 and r.parked = 0 and r.claim = 0 and r.due <= $2
		order by r.due, r.id limit $3`
	selectNextDue = "select min(due) from recipient where topic = $1 and parked = 0 and claim = 0"
)

// fields are where the columns of itemColumns go; at takes the time.
func (i *Item) fields(at *int64, more ...any) []any {
	return append([]any{&i.ID, &i.Event, &i.Stream, &i.Revision, &i.Position, &i.Kind, at, &i.Correlation, &i.Topic, &i.Recipient}, more...)
}

// take claims what is due, and counts the attempt. An item that has had all its
// attempts, as one that crashes the process, is parked instead.
func (s *Store) take(tx *transaction, topic string, limit, maxAttempts int, now time.Time) ([]*taken, error) {
	var all []*taken
	for len(all) < limit {
		due, err := tx.due(topic, limit-len(all), now)
		if err != nil || len(due) == 0 {
			return all, err
		}
		for _, t := range due {
			if t.attempt > maxAttempts {
				if err := tx.park(t.recipient, crashed, now); err != nil {
					return nil, err
				}
				continue
			}
			t.claim = s.claims.Add(1)
			if _, err := tx.exec("update recipient set claim = $2, attempts = $3 where id = $1", t.recipient, t.claim, t.attempt); err != nil {
				return nil, err
			}
			all = append(all, t)
		}
	}
	return all, nil
}

func (tx *transaction) due(topic string, limit int, now time.Time) ([]*taken, error) {
	rows, err := tx.query(selectDue, topic, now.UnixMicro(), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*taken
	for rows.Next() {
		var t taken
		var at int64
		if err := rows.Scan(t.fields(&at, &t.recipient, &t.seq, &t.attempt)...); err != nil {
			return nil, err
		}
		t.Time = time.UnixMicro(at).UTC()
		t.attempt++
		all = append(all, &t)
	}
	return all, rows.Err()
}

// turn is one transaction of a subscription: it settles the answers, and takes as
// many items as there is room for. Next is when something is due after that, and
// zero where nothing is.
func (s *Store) turn(answers []answer, topic string, room, maxAttempts int, now time.Time) (all []*taken, next time.Time, err error) {
	err = s.writer.change(func(tx *transaction) error {
		for _, a := range answers {
			if err := tx.settle(a, maxAttempts, now); err != nil {
				return err
			}
		}
		if room <= 0 {
			return nil
		}
		if all, err = s.take(tx, topic, room, maxAttempts, now); err != nil {
			return err
		}
		var due sql.NullInt64
		err := tx.row(selectNextDue, topic).Scan(&due)
		if due.Valid {
			next = time.UnixMicro(due.Int64)
		}
		return err
	})
	return all, next, err
}

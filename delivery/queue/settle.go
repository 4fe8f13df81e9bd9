package queue

import (
	"database/sql"
	"errors"
	"time"
)

type outcome int

const (
	delivered outcome = iota
	again             // after its pause
	returned          // at once, and it was no attempt: never handed out, or broken off by us
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

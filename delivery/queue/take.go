package queue

import (
	"database/sql"
	"time"
)

// taken is a recipient's first item on its way. Its claim is of this attempt
// only: an answer under any other says nothing about it.
type taken struct {
	Item
	recipient, seq, claim int64
	attempt               int
}

// tried reports whether an attempt of the item has failed before.
func (t *taken) tried() bool { return t.attempt > 1 }

const (
	itemColumns = "i.id, i.event, i.stream, i.revision, i.position, i.kind, i.time, i.correlation, r.topic, r.name"
	selectDue   = `
		select ` + itemColumns + `, r.id, i.seq, r.attempts
		from (
			select * from (
				select id, due from recipient
				where topic = $1 and (attempts > 0) = 0 and parked = 0 and claim = 0 and due <= $2
				order by due, id limit $3)
			union all
			select * from (
				select id, due from recipient
				where topic = $1 and (attempts > 0) = 1 and parked = 0 and claim = 0 and due <= $2
				order by due, id limit $4)
			order by due, id limit $3) d
		join recipient r on r.id = d.id
		join item i on i.seq = (select min(seq) from item where recipient = r.id)
		order by r.due, r.id`
	selectNextDue = "select min(due) from recipient where topic = $1 and (attempts > 0) = $2 and parked = 0 and claim = 0"
)

// fields are where the columns of itemColumns go; at takes the time.
func (i *Item) fields(at *int64, more ...any) []any {
	return append([]any{&i.ID, &i.Event, &i.Stream, &i.Revision, &i.Position, &i.Kind, at, &i.Correlation, &i.Topic, &i.Recipient}, more...)
}

// room is how many items may be taken, and how many of them that were tried before.
type room struct{ all, tried int }

// take claims what is due, and counts the attempt. An item that has had all its
// attempts, as one that crashes the process, is parked instead.
func (s *Store) take(tx *transaction, topic string, room *room, maxAttempts int, now time.Time) (all []*taken, parked []Item, err error) {
	for room.all > 0 {
		due, err := tx.due(topic, *room, now)
		if err != nil || len(due) == 0 {
			return all, parked, err
		}
		for _, t := range due {
			if t.attempt > maxAttempts {
				if err := tx.park(t.recipient, crashed, now); err != nil {
					return nil, nil, err
				}
				parked = append(parked, t.Item)
				continue
			}
			t.claim = s.claims.Add(1)
			if _, err := tx.exec("update recipient set claim = $2, attempts = $3 where id = $1", t.recipient, t.claim, t.attempt); err != nil {
				return nil, nil, err
			}
			all = append(all, t)
			if room.all--; t.tried() {
				room.tried--
			}
		}
	}
	return all, parked, nil
}

func (tx *transaction) due(topic string, room room, now time.Time) ([]*taken, error) {
	rows, err := tx.query(selectDue, topic, now.UnixMicro(), room.all, max(room.tried, 0))
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

// nextDue is when something is due for which there is room; zero: nothing is.
func (tx *transaction) nextDue(topic string, room room) (next time.Time, err error) {
	for tried := range 2 {
		if tried == 1 && room.tried <= 0 {
			break
		}
		var due sql.NullInt64
		if err := tx.row(selectNextDue, topic, tried).Scan(&due); err != nil {
			return time.Time{}, err
		}
		if at := time.UnixMicro(due.Int64); due.Valid && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next, nil
}

// look is what a turn finds.
type look struct {
	taken  []*taken
	parked []Item    // without having been handed out
	next   time.Time // when something is due after that for which there is room; zero: nothing is
}

// turn is one transaction of a subscription: it settles the answers, and takes as
// many items as there is room for.
func (s *Store) turn(answers []answer, topic string, room room, maxAttempts int, now time.Time) (look, error) {
	var found look
	err := s.writer.change(func(tx *transaction) (err error) {
		for _, a := range answers {
			if err := tx.settle(a, maxAttempts, now); err != nil {
				return err
			}
		}
		if room.all <= 0 {
			return nil
		}
		if found.taken, found.parked, err = s.take(tx, topic, &room, maxAttempts, now); err != nil || room.all <= 0 {
			return err
		}
		found.next, err = tx.nextDue(topic, room)
		return err
	})
	return found, err
}

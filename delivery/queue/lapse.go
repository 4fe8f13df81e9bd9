package queue

import (
	"context"
	"fmt"
	"time"
)

// Lapse drops the items of a topic whose events happened before a moment, those of
// parked recipients too, and has each recipient go on with what is left. It answers
// how many items went. What is being delivered stays.
func (s *Store) Lapse(ctx context.Context, topic string, before time.Time) (int, error) {
	all := 0
	for {
		n := 0
		err := s.change(ctx, func(tx *transaction) (err error) {
			n, err = tx.lapse(topic, before, time.Now())
			return err
		})
		if err != nil {
			return all, fmt.Errorf("queue: lapse of %s: %w", topic, err)
		}
		if n > 0 {
			s.wake()
		}
		if all += n; n < operateRows {
			return all, nil
		}
	}
}

// lapsing is what goes of a recipient.
type lapsing struct {
	items []int64
	first bool // of the recipient's is among them
}

// lapse drops as much as one transaction should.
func (tx *transaction) lapse(topic string, before, now time.Time) (int, error) {
	all, err := tx.lapsing(topic, before)
	if err != nil {
		return 0, err
	}
	dropped := 0
	for recipient, l := range all {
		for _, seq := range l.items {
			if _, err := tx.exec("delete from item where seq = $1", seq); err != nil {
				return 0, err
			}
		}
		if _, err := tx.exec("update recipient set items = items - $2 where id = $1", recipient, len(l.items)); err != nil {
			return 0, err
		}
		if l.first {
			_, err := tx.exec("update recipient set parked = 0, attempts = 0, due = $2, since = $2, reason = '' where id = $1", recipient, now.UnixMicro())
			if err != nil {
				return 0, err
			}
		}
		if err := tx.forget(recipient); err != nil {
			return 0, err
		}
		dropped += len(l.items)
	}
	return dropped, nil
}

// lapsing are the items to drop, by recipient: the oldest, but for the first one
// where there is a claim.
func (tx *transaction) lapsing(topic string, before time.Time) (map[int64]*lapsing, error) {
	rows, err := tx.query(`
		select recipient, seq, first from (
			select i.recipient, i.seq, i.time, r.claim, i.seq = (select min(seq) from item where recipient = r.id) as first
			from item i join recipient r on r.id = i.recipient
			where i.topic = $1 and i.time < $2)
		where claim = 0 or not first
		order by time limit $3`, topic, before.UnixMicro(), operateRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64]*lapsing{}
	for rows.Next() {
		var recipient, seq int64
		var first bool
		if err := rows.Scan(&recipient, &seq, &first); err != nil {
			return nil, err
		}
		l := all[recipient]
		if l == nil {
			l = &lapsing{}
			all[recipient] = l
		}
		l.items, l.first = append(l.items, seq), l.first || first
	}
	return all, rows.Err()
}

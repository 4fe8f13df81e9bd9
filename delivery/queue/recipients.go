package queue

import (
	"context"
	"fmt"
	"time"
)

// Recipient is one that items wait for.
type Recipient struct {
	Recipient string
	Topic     string
	// Reason is of the last failure of its first item; empty where there was none,
	// or the handler does not say (see Reasons).
	Reason   string
	Parked   bool
	Since    time.Time // it is parked, or its first item is the first one, since then
	Attempts int       // of its first item
	Items    int
	Due      time.Time // the first item is not tried before; of no account when parked
	First    Item
}

// Count is what waits in a topic.
type Count struct{ Items, Recipients, ParkedItems, ParkedRecipients int }

const usualRecipients = 100

// Recipients lists by name those after a name, up to limit, or to 100 where that is 0.
func (s *Store) Recipients(ctx context.Context, parkedOnly bool, after string, limit int) ([]Recipient, error) {
	if limit <= 0 {
		limit = usualRecipients
	}
	which := "r.items > 0"
	if parkedOnly {
		which = "r.parked = 1"
	}
	rows, err := s.read.QueryContext(ctx, `
		select `+itemColumns+`, r.reason, r.parked, r.since, r.attempts, r.items, r.due
		from recipient r join item i on i.seq = (select min(seq) from item where recipient = r.id)
		where `+which+` and r.name > $1 order by r.name limit $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("queue: recipients: %w", err)
	}
	defer rows.Close()
	var all []Recipient
	for rows.Next() {
		var r Recipient
		var at, since, due int64
		if err := rows.Scan(r.First.fields(&at, &r.Reason, &r.Parked, &since, &r.Attempts, &r.Items, &due)...); err != nil {
			return nil, fmt.Errorf("queue: recipients: %w", err)
		}
		r.Recipient, r.Topic = r.First.Recipient, r.First.Topic
		r.First.Time = time.UnixMicro(at).UTC()
		r.Since, r.Due = time.UnixMicro(since).UTC(), time.UnixMicro(due).UTC()
		all = append(all, r)
	}
	return all, rows.Err()
}

// Counts are by topic, of each that ever had an item. They are kept, not counted.
func (s *Store) Counts(ctx context.Context) (map[string]Count, error) {
	rows, err := s.read.QueryContext(ctx, "select name, items, recipients, parked_items, parked_recipients from topic")
	if err != nil {
		return nil, fmt.Errorf("queue: counts: %w", err)
	}
	defer rows.Close()
	all := map[string]Count{}
	for rows.Next() {
		var topic string
		var c Count
		if err := rows.Scan(&topic, &c.Items, &c.Recipients, &c.ParkedItems, &c.ParkedRecipients); err != nil {
			return nil, fmt.Errorf("queue: counts: %w", err)
		}
		all[topic] = c
	}
	return all, rows.Err()
}

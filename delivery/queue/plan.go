package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Plan is what follows from the log up to a place in it.
type Plan struct {
	Through    Checkpoint // where it is the zero Checkpoint, the stored one stays
	Items      []Item     // an item without an id gets its own
	Subscribed []Subscription
	// Ended are webhooks that are over: their subscription, items and secrets go.
	Ended []uuid.UUID
}

// Subscription is what planning keeps of a webhook: which kinds of event it gets.
type Subscription struct {
	Webhook uuid.UUID
	Kinds   []string
}

// WebhookRecipient is the recipient of a webhook's items.
func WebhookRecipient(webhook uuid.UUID) string { return "webhook-" + webhook.String() }

// Plan takes it all in together with the checkpoint, or none of it. An item that
// is there already is left alone, and so is a recipient that is parked: what comes
// for it waits behind.
func (s *Store) Plan(ctx context.Context, p Plan) error {
	if err := s.owned(); err != nil {
		return err
	}
	now := time.Now()
	err := s.change(ctx, func(tx *transaction) error {
		for _, v := range p.Subscribed {
			if err := tx.subscribe(v); err != nil {
				return err
			}
		}
		for _, i := range p.Items {
			if err := tx.add(i, now); err != nil {
				return err
			}
		}
		for _, webhook := range p.Ended {
			if err := tx.end(webhook, now); err != nil {
				return err
			}
		}
		if p.Through.Position == "" {
			return nil
		}
		return tx.saveCheckpoint(p.Through)
	})
	if err != nil {
		return fmt.Errorf("queue: plan through %s: %w", p.Through.Position, err)
	}
	if len(p.Items) > 0 {
		s.wake()
	}
	return nil
}

func (tx *transaction) add(i Item, now time.Time) error {
	id := ItemID(i.Recipient, i.Event)
	switch {
	case i.Topic == "" || i.Recipient == "":
		return errors.New("an item needs a topic and a recipient")
	case i.ID != uuid.Nil && i.ID != id:
		return fmt.Errorf("item %s is not the delivery of %s to %s", i.ID, i.Event, i.Recipient)
	}
	if _, err := json.Marshal(i); err != nil {
		return err // its time is none that can be written
	}
	if _, err := tx.exec("insert into topic (name) values ($1) on conflict do nothing", i.Topic); err != nil {
		return err
	}
	var recipient int64
	var topic string
	err := tx.row(`
		insert into recipient (name, topic, due, since) values ($1, $2, $3, $3)
		on conflict (name) do update set due = iif(items = 0, excluded.due, due), since = iif(items = 0, excluded.since, since)
		returning id, topic`, i.Recipient, i.Topic, now.UnixMicro()).Scan(&recipient, &topic)
	switch {
	case err != nil:
		return err
	case topic != i.Topic:
		return fmt.Errorf("recipient %s is of topic %s, not of %s", i.Recipient, topic, i.Topic)
	}
	added, err := tx.exec(`
		insert into item (id, recipient, event, stream, revision, position, kind, time, correlation)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing`,
		id[:], recipient, i.Event[:], i.Stream, i.Revision, i.Position, i.Kind, i.Time.UnixMicro(), i.Correlation)
	if err != nil || added == 0 {
		return err
	}
	_, err = tx.exec("update recipient set items = items + 1 where id = $1", recipient)
	return err
}

func (tx *transaction) subscribe(v Subscription) error {
	kinds, err := json.Marshal(v.Kinds)
	if err != nil {
		return err
	}
	_, err = tx.exec(`
		insert into subscription (webhook, kinds) values ($1, $2)
		on conflict (webhook) do update set kinds = excluded.kinds`, v.Webhook[:], string(kinds))
	return err
}

func (tx *transaction) end(webhook uuid.UUID, now time.Time) error {
	if _, err := tx.exec("delete from subscription where webhook = $1", webhook[:]); err != nil {
		return err
	}
	if _, err := tx.exec("delete from secret where webhook = $1", webhook[:]); err != nil {
		return err
	}
	_, err := tx.drop(WebhookRecipient(webhook), true, now)
	return err
}

// Subscriptions are the webhooks that were planned and have not ended, in the
// order in which they came.
func (s *Store) Subscriptions(ctx context.Context) ([]Subscription, error) {
	rows, err := s.read.QueryContext(ctx, "select webhook, kinds from subscription order by seq")
	if err != nil {
		return nil, fmt.Errorf("queue: subscriptions: %w", err)
	}
	defer rows.Close()
	var all []Subscription
	for rows.Next() {
		var v Subscription
		var kinds string
		if err := rows.Scan(&v.Webhook, &kinds); err != nil {
			return nil, fmt.Errorf("queue: subscriptions: %w", err)
		}
		if err := json.Unmarshal([]byte(kinds), &v.Kinds); err != nil {
			return nil, fmt.Errorf("queue: subscriptions: %w", err)
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Subscription is what planning keeps of a webhook: which kinds of event it gets.
type Subscription struct {
	Webhook uuid.UUID
	Kinds   []string
}

// webhookRecipient is the recipient of a webhook's items.
func webhookRecipient(webhook uuid.UUID) string { return "webhook-" + webhook.String() }

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

func (tx *transaction) unsubscribe(webhook uuid.UUID) error {
	_, err := tx.exec("delete from subscription where webhook = $1", webhook[:])
	return err
}

func (tx *transaction) end(webhook uuid.UUID, now time.Time) error {
	if err := tx.unsubscribe(webhook); err != nil {
		return err
	}
	if _, err := tx.exec("delete from secret where webhook = $1", webhook[:]); err != nil {
		return err
	}
	_, err := tx.drop(webhookRecipient(webhook), true, now)
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

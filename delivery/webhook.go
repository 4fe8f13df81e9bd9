package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"lobby.example/delivery/hook"
	"lobby.example/delivery/queue"
	"lobby.example/domain"
	"lobby.example/domain/webhook"
)

// Called is the body of a webhook's request.
type Called struct {
	ID          uuid.UUID       `json:"id"` // of the delivery, the same in every attempt
	Webhook     uuid.UUID       `json:"webhook"`
	Event       uuid.UUID       `json:"event"`
	Kind        string          `json:"kind"`
	Stream      string          `json:"stream"`
	Revision    int64           `json:"revision"`
	Position    string          `json:"position"`
	OccurredAt  domain.Moment   `json:"occurred_at"`
	Actor       uuid.UUID       `json:"actor"`
	Correlation string          `json:"correlation_id,omitempty"`
	Data        json.RawMessage `json:"data"` // the event as it is stored
}

// call calls one webhook with one event, unless the subscription has ended.
func (d *Delivery) call(ctx context.Context, item queue.Item, attempt int) (outcome, error) {
	_, id, err := domain.ParseStream("recipient", item.Recipient)
	if err != nil {
		return "", err
	}
	subscription, err := fold(ctx, d.Log, webhook.Noun, item.Recipient)
	if err != nil {
		return "", err
	}
	if !subscription.Active {
		return "dropped_ended", nil
	}
	if d.Hook == nil {
		return "", errors.New("webhooks are not called by this process")
	}
	r, err := d.recorded(ctx, item)
	if err != nil {
		return "", err
	}
	var metadata domain.Metadata
	if err := json.Unmarshal(r.Metadata, &metadata); err != nil {
		return "", err
	}
	body, err := json.Marshal(Called{
		ID: item.ID, Webhook: id, Event: r.ID, Kind: r.Kind, Stream: r.Stream, Revision: int64(r.Revision), Position: r.Position.String(),
		OccurredAt: metadata.OccurredAt, Actor: metadata.Actor, Correlation: item.Correlation, Data: r.Data,
	})
	if err != nil {
		return "", err
	}
	secrets, err := d.secrets(ctx, subscription)
	if err != nil {
		return "", err
	}
	err = d.Hook.Deliver(ctx, hook.Request{URL: subscription.URL, ID: item.ID, Attempt: attempt, Kind: r.Kind, Body: body, Secrets: secrets})
	if errors.Is(err, hook.ErrGone) {
		if err := d.Gone(ctx, id, d.Now()); err != nil {
			return "", fmt.Errorf("end the subscription: %w", err)
		}
		return "gone", nil
	}
	if err != nil {
		return "", err
	}
	return sent, nil
}

// secrets are those to sign with, newest first. One that was replaced and is lost
// is no reason to wait; the newest is.
func (d *Delivery) secrets(ctx context.Context, w webhook.State) ([]string, error) {
	var secrets []string
	for _, id := range w.Secrets(d.Now()) {
		secret, ok, err := d.Store.Secret(ctx, id)
		if err != nil {
			return nil, err
		}
		if !ok && id == w.Secret {
			return nil, errors.New("the secret is not in the store of delivery; give the webhook a new one")
		}
		if ok {
			secrets = append(secrets, secret)
		}
	}
	return secrets, nil
}

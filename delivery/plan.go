package delivery

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/delivery/queue"
	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/connection"
	"lobby.example/domain/webhook"
	"lobby.example/eventlog"
)

// The topics of what waits in the queue.
const (
	emailTopic   = "email"
	webhookTopic = "webhook"
	planTopic    = "plan" // events of which nobody could say what follows
)

// planner turns events, one after the other, into what is to be delivered.
type planner struct {
	*Delivery
	mu            sync.Mutex
	subscriptions map[uuid.UUID][]string // kinds by webhook, as of the last event
}

// newPlanner knows the webhooks that are subscribed at the checkpoint.
func (d *Delivery) newPlanner(ctx context.Context) (*planner, error) {
	subscriptions, err := d.Store.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	p := &planner{Delivery: d, subscriptions: map[uuid.UUID][]string{}}
	for _, s := range subscriptions {
		p.subscriptions[s.Webhook] = s.Kinds
	}
	return p, nil
}

// wants tells quickly of most events that nothing follows from them: each message
// of everybody passes here. What asks for a copy has the word in it.
func (p *planner) wants(r eventlog.Recorded) bool {
	switch eventlog.Category(r.Stream) {
	case webhook.Noun.Category:
		return true
	case connection.Noun.Category:
		if bytes.Contains(r.Data, []byte("email_copy")) {
			return true
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, kinds := range p.subscriptions {
		if slices.Contains(kinds, r.Kind) {
			return true
		}
	}
	return false
}

// handle plans one event of the log. Where something follows from it, that is
// stored in one transaction with the checkpoint; where nothing does, the
// subscriber's own checkpoint is enough, which it stores now and then.
//
// An event that cannot be read becomes an item itself, so that it is tried again
// and seen by an operator while the others go on.
func (p *planner) handle(msg *message.Message) error {
	ctx := msg.Context()
	p.mu.Lock()
	defer p.mu.Unlock()
	r, err := logsubscriber.Recorded(msg)
	if err != nil {
		return err
	}
	plan, err := p.understood(r)
	if err != nil {
		p.Logger.Error("event not understood by delivery", "position", r.Position, "stream", r.Stream, "revision", int64(r.Revision), "kind", r.Kind, "error", err)
		plan = queue.Plan{Items: []queue.Item{itemOf(r, planTopic, planTopic+"-"+r.ID.String())}}
	}
	if len(plan.Items)+len(plan.Subscribed)+len(plan.Ended) == 0 {
		return nil
	}
	plan.Through = queue.Checkpoint{Position: r.Position.String(), Event: r.ID.String()}
	return p.store(ctx, plan)
}

// store keeps a plan, and then goes by it.
func (p *planner) store(ctx context.Context, plan queue.Plan) error {
	if err := p.Store.Plan(ctx, plan); err != nil {
		return err
	}
	for _, s := range plan.Subscribed {
		p.subscriptions[s.Webhook] = s.Kinds
	}
	for _, ended := range plan.Ended {
		delete(p.subscriptions, ended)
	}
	return nil
}

// understood is planned, for an event that may be too much for it: a panic would
// otherwise be repeated for ever, and nothing else would leave any more.
func (p *planner) understood(r eventlog.Recorded) (plan queue.Plan, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return p.planned(r)
}

// planned says what follows from an event.
func (p *planner) planned(r eventlog.Recorded) (queue.Plan, error) {
	var plan queue.Plan
	switch {
	case r.Kind == (connection.MessageSent{}).Kind() && eventlog.Category(r.Stream) == connection.Noun.Category:
		event, err := catalogue.Decode(r.Stream, r.Kind, r.Data)
		if err != nil {
			return plan, err
		}
		sent, _ := event.(connection.MessageSent)
		if !sent.EmailCopy {
			break
		}
		if p.Mail == nil {
			p.metrics.count(emailTopic, "dropped_no_mail")
			break
		}
		at, err := domain.OccurredAt(r.Metadata)
		if err != nil {
			return plan, err
		}
		if p.Now().Sub(at) > CopyLapse {
			p.metrics.count(emailTopic, "dropped_old")
			break
		}
		plan.Items = append(plan.Items, itemOf(r, emailTopic, emailTopic+"-"+sent.To.String()))
	case eventlog.Category(r.Stream) == webhook.Noun.Category:
		event, err := catalogue.Decode(r.Stream, r.Kind, r.Data)
		if err != nil {
			return plan, err
		}
		switch e := event.(type) {
		case webhook.Created:
			plan.Subscribed = append(plan.Subscribed, queue.Subscription{Webhook: e.Webhook, Kinds: e.Kinds})
		case webhook.Ended:
			plan.Ended = append(plan.Ended, e.Webhook)
		}
	}
	for id, kinds := range p.subscriptions {
		if slices.Contains(kinds, r.Kind) && !slices.Contains(plan.Ended, id) {
			plan.Items = append(plan.Items, itemOf(r, webhookTopic, webhook.Stream(id)))
		}
	}
	return plan, nil
}

// itemOf is an event on its way to a recipient.
func itemOf(r eventlog.Recorded, topic, recipient string) queue.Item {
	at, err := domain.OccurredAt(r.Metadata)
	if err != nil {
		at = r.Time
	}
	return queue.Item{
		ID:          queue.ItemID(recipient, r.ID),
		Topic:       topic,
		Recipient:   recipient,
		Event:       r.ID,
		Stream:      r.Stream,
		Revision:    int64(r.Revision),
		Position:    r.Position.String(),
		Kind:        r.Kind,
		Time:        at,
		Correlation: correlationOf(r),
	}
}

// again plans an event that could not be understood when its turn came. What
// follows from it has no place in anybody's order any more, and comes now.
func (p *planner) again(ctx context.Context, item queue.Item) error {
	r, err := p.recorded(ctx, item)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	plan, err := p.understood(r)
	if err != nil {
		return err
	}
	return p.store(ctx, plan)
}

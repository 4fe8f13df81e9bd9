package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/delivery/queue"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/webhook"
	"lobby.example/eventlog"
)

// The two places to begin at that have no position.
const (
	FromHead  = "head"  // only what comes from now on
	FromStart = "start" // everything there ever was
)

// begin stores where to begin where nothing says so yet, or an operator wants it
// to be elsewhere. Without a checkpoint that is the head: a lost file must not
// send the history once more. The webhooks there are at that place are read from
// the log, which is the one who knows.
func (d *Delivery) begin(ctx context.Context) error {
	from, asked, err := d.Store.RestartFrom(ctx)
	if err != nil {
		return err
	}
	if !asked {
		stored, ok, err := (&checkpoints{store: d.Store}).Load(ctx)
		if err != nil {
			return err
		}
		if ok {
			return errNoPlace(logsubscriber.Check(ctx, d.Log, stored))
		}
		from = FromHead
	}
	at, err := d.place(ctx, from)
	if err != nil {
		return fmt.Errorf("delivery: begin from %s: %w", from, err)
	}
	plan := queue.Plan{Through: queue.Checkpoint{Position: at.String()}, Durable: true}
	if !at.IsZero() {
		for r, err := range d.Log.ReadAll(ctx, at, eventlog.Backward, 1) {
			if err != nil {
				return err
			}
			if r.Position == at {
				plan.Through.Event = r.ID.String()
			}
		}
	}
	open, over, err := d.webhooksAt(ctx, at)
	if err != nil {
		return err
	}
	known, err := d.Store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, k := range known {
		switch {
		case over[k.Webhook]:
			plan.Ended = append(plan.Ended, k.Webhook)
		case open[k.Webhook] == nil: // it begins later, and keeps its secret until then
			plan.Unsubscribed = append(plan.Unsubscribed, k.Webhook)
		}
	}
	for id, kinds := range open {
		if !over[id] {
			plan.Subscribed = append(plan.Subscribed, queue.Subscription{Webhook: id, Kinds: kinds})
		}
	}
	slices.SortFunc(plan.Subscribed, func(a, b queue.Subscription) int { return bytes.Compare(a.Webhook[:], b.Webhook[:]) })
	d.Logger.Info("delivery begins", "from", from, "position", at, "webhooks", len(plan.Subscribed))
	return d.Store.Plan(ctx, plan)
}

// place is the position of where to begin.
func (d *Delivery) place(ctx context.Context, from string) (eventlog.Position, error) {
	switch from {
	case FromHead:
		return d.Log.Head(ctx)
	case FromStart:
		return eventlog.Position{}, nil
	}
	at, err := eventlog.ParsePosition(from)
	if err != nil {
		return at, err
	}
	for _, err := range d.Log.Follow(ctx, at) { // which refuses what is no place in this log
		return at, err
	}
	return at, ctx.Err()
}

// webhooksAt reads the log for the webhooks that are open at a position, with the
// kinds of event that they are told of, and for those that are over by now.
func (d *Delivery) webhooksAt(ctx context.Context, at eventlog.Position) (open map[uuid.UUID][]string, over map[uuid.UUID]bool, err error) {
	open, over = map[uuid.UUID][]string{}, map[uuid.UUID]bool{}
	for r, err := range d.Log.ReadAll(ctx, eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			return nil, nil, err
		}
		if eventlog.Category(r.Stream) != webhook.Noun.Category {
			continue
		}
		event, err := catalogue.Decode(r.Stream, r.Kind, r.Data)
		if err != nil {
			return nil, nil, err
		}
		switch e := event.(type) {
		case webhook.Created:
			if r.Position.Compare(at) <= 0 {
				open[e.Webhook] = e.Kinds
			}
		case webhook.Ended:
			over[e.Webhook] = true
		}
	}
	return open, over, nil
}

// errNoPlace tells the way out where the checkpoint is no place in the log (E08).
func errNoPlace(err error) error {
	if errors.Is(err, logsubscriber.ErrCheckpoint) {
		return fmt.Errorf("delivery: say where to go on, with lobby delivery restart --from head: %w", err)
	}
	return err
}

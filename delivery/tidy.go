package delivery

import (
	"context"
	"time"

	"lobby.example/domain/webhook"
)

// tidyEvery is how often what is of no use any more is removed from the store.
const tidyEvery = time.Hour

// tidyUntil removes, until the context ends, copies that are too old to be sent,
// parked ones too, and secrets that sign nothing any more.
func (d *Delivery) tidyUntil(ctx context.Context) {
	for {
		if err := d.tidy(ctx); err != nil && ctx.Err() == nil {
			d.Logger.Warn("the store of delivery is not tidied", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(tidyEvery):
		}
	}
}

func (d *Delivery) tidy(ctx context.Context) error {
	lapsed, err := d.Store.Lapse(ctx, emailTopic, d.Now().Add(-CopyLapse))
	d.metrics.countMany(emailTopic, "dropped_old", lapsed)
	if err != nil {
		return err
	}
	known, err := d.Store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, k := range known {
		w, err := fold(ctx, d.Log, webhook.Noun, webhook.Stream(k.Webhook))
		if err != nil {
			return err
		}
		// What was kept a moment ago may be of a command that is not decided yet.
		if err := d.Store.ForgetSecrets(ctx, k.Webhook, w.Secrets(d.Now()), d.Now().Add(-webhook.Overlap)); err != nil {
			return err
		}
	}
	return nil
}

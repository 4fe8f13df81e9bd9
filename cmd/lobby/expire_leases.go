package main

import (
	"context"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/readapi"
)

// expireLeases puts leases that are over by date on the record, soon after the
// day has changed. Nobody's rights wait for that: every rule looks at the date
// itself.
func (p *program) expireLeases(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := p.expireLeasesOnce(ctx, time.Now()); err != nil && ctx.Err() == nil {
			p.logger.Warn("leases not expired", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *program) expireLeasesOnce(ctx context.Context, now time.Time) error {
	if !p.model.Status().Ready() {
		return nil
	}
	over, err := readapi.LeasesOver(ctx, p.model, domain.DateOf(now))
	if err != nil {
		return err
	}
	for _, l := range over {
		_, connection, err := domain.ParseStream("channel", l.Channel)
		if err != nil {
			return err
		}
		lease, err := uuid.Parse(l.Lease)
		if err != nil {
			return err
		}
		if err := p.commands.ExpireLease(ctx, connection, lease, now); err != nil {
			return err
		}
	}
	return nil
}

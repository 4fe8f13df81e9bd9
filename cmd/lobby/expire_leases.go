package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/readapi"
)

// expireLeases puts leases that are over by date on the record, soon after the
// day has changed. Nobody's rights wait for that: every rule looks at the date
// itself.
func (p *program) expireLeases(ctx context.Context) {
	for {
		found, err := p.expireLeasesOnce(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			p.logger.Warn("leases not expired", "error", err)
		}
		pause := time.Minute
		if found > 0 { // there may be more than are found at once
			pause = time.Second
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// expireLeasesOnce ends the leases that it finds. One that cannot be ended keeps
// no other from it.
func (p *program) expireLeasesOnce(ctx context.Context, now time.Time) (found int, err error) {
	if !p.model.Status().Ready() {
		return 0, nil
	}
	over, err := readapi.LeasesOver(ctx, p.model, domain.DateOf(now))
	for _, l := range over {
		_, connection, parsed := domain.ParseStream("channel", l.Channel)
		lease, parsedLease := uuid.Parse(l.Lease)
		if failed := errors.Join(parsed, parsedLease); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		err = errors.Join(err, p.commands.ExpireLease(ctx, connection, lease, now))
	}
	return len(over), err
}

package readapi

import (
	"context"

	"lobby.example/domain"
	"lobby.example/readmodel"
)

// LeaseOver is a lease whose last day has passed without an event that says so.
type LeaseOver struct {
	Channel string // the connection that it is shared in
	Lease   string
}

// LeasesOver finds at most 100 leases that are over by a day, for the ticker that
// puts that on the record.
func LeasesOver(ctx context.Context, model Model, today domain.Date) ([]LeaseOver, error) {
	var over []LeaseOver
	_, err := model.View(ctx, func(q readmodel.Query) error {
		return q.Rows(ctx, `select channel, lease from leases where ended = '' and last_day < $1 order by last_day, lease limit 100`,
			func(scan func(...any) error) error {
				var l LeaseOver
				if err := scan(&l.Channel, &l.Lease); err != nil {
					return err
				}
				over = append(over, l)
				return nil
			}, string(today))
	})
	return over, err
}

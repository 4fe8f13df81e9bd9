package projections

import (
	"time"

	"lobby.example/domain/connection"
	"lobby.example/readmodel"
)

var leases = &readmodel.Table{
	Name: "leases",
	Doc:  "the leases that landlords share with tenants, ended ones included",
	Key:  1,
	Columns: []readmodel.Column{
		{Name: "lease", Type: readmodel.Identifier},
		{Name: "channel", Type: readmodel.Identifier, Doc: "the connection that the lease is shared in"},
		{Name: "landlord", Type: readmodel.Identifier},
		{Name: "board", Type: readmodel.Identifier, Doc: "the landlord's board, which the lease opens to the tenant"},
		{Name: "tenant", Type: readmodel.Identifier},
		{Name: "property", Type: readmodel.Identifier},
		{Name: "property_name", Type: readmodel.Text},
		{Name: "first_day", Type: readmodel.Text, Doc: "2026-11-22"},
		{Name: "last_day", Type: readmodel.Text},
		{Name: "since", Type: readmodel.Time, Doc: "from when on posts count as unread: when it was shared, or its first day if that is later"},
		{Name: "ended", Type: readmodel.Text, Doc: "why it ended before anybody looks at last_day: closed, expired or disconnected; empty while it has not"},
		{Name: "ended_at", Type: readmodel.Time, Null: true},
	},
	Indexes: []readmodel.Index{
		{Columns: []string{"channel"}, Doc: "the leases of a pair"},
		{Columns: []string{"tenant", "ended", "last_day"}, Doc: "the active leases of a tenant; an index without the last two loses to the next one, which has everybody's"},
		{Columns: []string{"ended", "last_day"}, Doc: "the leases that are over by date and have no event yet"},
	},
}

var (
	shareLease = leases.Upsert("lease", "channel", "landlord", "board", "tenant", "property", "property_name", "first_day", "last_day", "since")
	endLease   = leases.Upsert("lease", "ended", "ended_at")
)

func projectLeases(f fact, c *changes) {
	switch e := f.event.(type) {
	case connection.LeaseShared:
		c.add(shareLease.Row(e.ID, f.stream, e.By, BoardOf(e.By), e.Tenant, e.Property, e.Name, string(e.Start), string(e.End), since(e.Lease, f.at)))
		c.touch(f.stream)
		c.touch(id(e.By))
		c.touch(id(e.Tenant))
	case connection.LeaseEnded:
		c.add(endLease.Row(e.Lease, e.Reason, f.at))
		c.touch(f.stream)
		c.touch(id(e.Landlord))
		c.touch(id(e.Tenant))
	}
}

// since is the later of when a lease was shared and when its first day begins.
func since(l connection.Lease, shared time.Time) time.Time {
	first, err := time.Parse(time.DateOnly, string(l.Start))
	if err != nil || first.Before(shared) {
		return shared
	}
	return first
}

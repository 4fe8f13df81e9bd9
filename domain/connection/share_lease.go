package connection

import (
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// ShareLease lets the tenant of the pair have what the landlord keeps for tenants.
// Sharing the same lease again does nothing.
type ShareLease struct {
	Connection uuid.UUID
	By         uuid.UUID // the landlord, also where the platform acts for them
	Lease      Lease
	Today      domain.Date
}

func (c ShareLease) Stream() string { return Stream(c.Connection) }

func (c ShareLease) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil {
		return nil, err
	}
	if err := c.Lease.check(c.Today); err != nil {
		return nil, err
	}
	if s.Status != Connected {
		return nil, notConnected
	}
	if s.Other(c.By).Role != tenant {
		return nil, domain.Refuse(domain.Forbidden, "not_a_tenant", "A lease is shared with a tenant only.")
	}
	if slices.Contains(s.Leases, c.Lease) {
		return nil, nil
	}
	if slices.ContainsFunc(s.Leases, c.Lease.overlaps) {
		return nil, domain.Refuse(domain.Conflict, "lease_overlaps", "The tenant shares a lease of this property for some of these days already.")
	}
	if len(s.Leases) >= MaxLeases {
		return nil, domain.Refuse(domain.Conflict, "too_many_leases", "The two share 100 leases already.")
	}
	return []Event{LeaseShared{By: c.By, Tenant: s.Other(c.By).Person, Lease: c.Lease}}, nil
}

// checkLandlord is who may share and end leases (rule 5).
func (s State) checkLandlord(by uuid.UUID) error {
	if !s.Has(by) {
		return NotFound
	}
	if s.party(by).Role != landlord {
		return domain.Refuse(domain.Forbidden, "not_the_landlord", "Only the landlord does this.")
	}
	return nil
}

// LeaseShared: the landlord (By) shares a lease with the tenant.
type LeaseShared struct {
	By     uuid.UUID `json:"by"`
	Tenant uuid.UUID `json:"tenant"`
	Lease
}

func (LeaseShared) Kind() string { return "lease_shared" }

func (e LeaseShared) Evolve(s State) State {
	s.Leases = append(s.Leases, e.Lease)
	return s
}

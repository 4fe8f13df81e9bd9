package connection

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// EndLease ends a lease: by the landlord before its last day, or by the passing
// of that day. Ending it again does nothing.
type EndLease struct {
	Connection uuid.UUID
	Lease      uuid.UUID
	By         uuid.UUID // the landlord; nobody when Expired
	Expired    bool      // the last day has passed, which Today proves
	Today      domain.Date
}

func (c EndLease) Stream() string { return Stream(c.Connection) }

func (c EndLease) Decide(s State) ([]Event, error) {
	if err := c.check(s); err != nil {
		return nil, err
	}
	l := s.Leases[c.find(s)]
	if c.Expired && !l.Over(c.Today) {
		return nil, domain.Refuse(domain.Conflict, "lease_not_over", "The last day of the lease has not passed.")
	}
	reason := Closed
	if c.Expired {
		reason = Expired
	}
	return []Event{s.endOf(l, c.By, reason)}, nil
}

// Forgotten: the state keeps no lease that has ended.
func (c EndLease) Forgotten(s State) bool { return c.find(s) < 0 }

func (c EndLease) Recall(s State, history iter.Seq[domain.Past[State]]) ([]Event, error) {
	if err := c.check(s); err != nil {
		return nil, err
	}
	for past := range history {
		if e, ok := past.Event.(LeaseEnded); ok && e.Lease == c.Lease {
			return nil, nil
		}
	}
	return nil, domain.Refuse(domain.NotFound, "lease_not_found", "There is no such lease.")
}

func (c EndLease) check(s State) error {
	if c.Expired {
		return nil
	}
	return s.checkLandlord(c.By)
}

func (c EndLease) find(s State) int {
	return slices.IndexFunc(s.Leases, func(l Lease) bool { return l.ID == c.Lease })
}

// Why a lease ended.
const (
	Closed  = "closed"       // the landlord ended it
	Expired = "expired"      // its last day passed
	Parted  = "disconnected" // the two disconnected
)

// LeaseEnded: what the lease gave the tenant is over.
type LeaseEnded struct {
	Lease    uuid.UUID `json:"lease"`
	Property uuid.UUID `json:"property"`
	Landlord uuid.UUID `json:"landlord"`
	Tenant   uuid.UUID `json:"tenant"`
	By       uuid.UUID `json:"by,omitzero"` // nobody where it expired
	Reason   string    `json:"reason"`
}

// endOf is the event that ends one of the pair's leases.
func (s State) endOf(l Lease, by uuid.UUID, reason string) LeaseEnded {
	e := LeaseEnded{Lease: l.ID, Property: l.Property, Landlord: s.Inviter.Person, Tenant: s.Invitee.Person, By: by, Reason: reason}
	if s.Invitee.Role == landlord {
		e.Landlord, e.Tenant = e.Tenant, e.Landlord
	}
	return e
}

func (LeaseEnded) Kind() string { return "lease_ended" }

func (e LeaseEnded) Evolve(s State) State {
	s.Leases = slices.DeleteFunc(s.Leases, func(l Lease) bool { return l.ID == e.Lease })
	return s
}

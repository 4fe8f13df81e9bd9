package connection

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// MaxLeases bounds the leases that a pair shares at once: all of them end in one
// append when the two disconnect.
const MaxLeases = 100

// Lease says that the tenant of the pair rents a property from the landlord.
type Lease struct {
	ID       uuid.UUID   `json:"lease"`
	Property uuid.UUID   `json:"property"`
	Name     string      `json:"property_name"`
	Start    domain.Date `json:"start"`
	End      domain.Date `json:"end"`
}

// Active reports whether the lease is active on a day; its first and last day count.
func (l Lease) Active(today domain.Date) bool { return l.Start <= today && today <= l.End }

// Over reports whether the last day of the lease has passed.
func (l Lease) Over(today domain.Date) bool { return l.End < today }

func (l Lease) overlaps(m Lease) bool {
	return l.Property == m.Property && l.Start <= m.End && m.Start <= l.End
}

// check is rule 6 for a lease that is to be shared today.
func (l Lease) check(today domain.Date) error {
	if err := domain.CheckName("property_name", l.Name); err != nil {
		return err
	}
	if _, err := domain.ParseDate("start", string(l.Start)); err != nil {
		return err
	}
	if _, err := domain.ParseDate("end", string(l.End)); err != nil {
		return err
	}
	if l.End < l.Start {
		return domain.Bad("end", "ends_before_start", "The lease ends before it starts.")
	}
	if l.Over(today) {
		return domain.Bad("end", "lease_over", "The last day of the lease has passed.")
	}
	return nil
}

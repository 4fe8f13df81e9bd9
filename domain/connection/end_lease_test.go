package connection

import (
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule5_TheLandlordEndsALease(t *testing.T) {
	end := EndLease{Connection: pair, Lease: flat.ID, By: lena.Person, Today: today}
	given(t, invited, accepted, shared).When(end).Then(leaseEnded).Again().Nothing()

	t.Run("the tenant does not", func(t *testing.T) {
		end := EndLease{Connection: pair, Lease: flat.ID, By: tom.Person, Today: today}
		given(t, invited, accepted, shared).When(end).Refused(domain.Forbidden, "not_the_landlord")
		given(t, invited, accepted, shared, leaseEnded).When(end).Refused(domain.Forbidden, "not_the_landlord")
	})
	t.Run("what ended by a disconnect stays so", func(t *testing.T) {
		given(t, invited, accepted, shared, endOf(flat, tom.Person, Parted), ended).When(end).Nothing()
	})
	t.Run("a lease that never was is not found", func(t *testing.T) {
		given(t, invited, accepted, shared, leaseEnded).
			When(EndLease{Connection: pair, Lease: scenario.ID("no lease"), By: lena.Person, Today: today}).
			Refused(domain.NotFound, "lease_not_found")
	})
}

func TestRule6_ALeaseEndsAfterItsLastDay(t *testing.T) {
	expire := EndLease{Connection: pair, Lease: flat.ID, Expired: true}
	t.Run("not on it", func(t *testing.T) {
		expire.Today = flat.End
		given(t, invited, accepted, shared).When(expire).Refused(domain.Conflict, "lease_not_over")
	})
	t.Run("on the day after", func(t *testing.T) {
		expire.Today = "2027-03-01"
		given(t, invited, accepted, shared).When(expire).Then(endOf(flat, uuid.Nil, Expired)).Again().Nothing()
	})
	t.Run("once", func(t *testing.T) {
		expire.Today = "2027-03-01"
		given(t, invited, accepted, shared, leaseEnded).When(expire).Nothing()
	})
	t.Run("and only where there is one", func(t *testing.T) {
		given(t, invited, accepted).When(expire).Refused(domain.NotFound, "lease_not_found")
	})
}

func TestRule6_ALeaseIsActiveOnItsFirstAndLastDayAndBetween(t *testing.T) {
	connected := domain.Fold(State{}, []Event{invited, accepted, shared}...)
	for day, active := range map[domain.Date]bool{
		"2026-02-28": false, "2026-03-01": true, today: true, "2027-02-28": true, "2027-03-01": false,
	} {
		leases := connected.ActiveLeases(day)
		if len(leases) > 0 != active || active && leases[0] != flat || flat.Active(day) != active {
			t.Errorf("on %s: active %+v", day, leases)
		}
	}
	// The lease is active only with its connection, even before its end is on record.
	parted := domain.Fold(State{}, []Event{invited, accepted, shared, ended}...)
	if len(parted.ActiveLeases(today)) > 0 {
		t.Error("the lease is active after a disconnect")
	}
}

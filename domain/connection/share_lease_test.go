package connection

import (
	"fmt"
	"strings"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func share(by Party, l Lease) ShareLease {
	return ShareLease{Connection: pair, By: by.Person, Lease: l, Today: today}
}

func TestRule5_TheLandlordSharesALeaseWithTheTenant(t *testing.T) {
	given(t, invited, accepted).When(share(lena, flat)).Then(shared).Again().Nothing()
	t.Run("whoever invited", func(t *testing.T) {
		given(t, InvitationSent{From: tom, To: lena}, InvitationAccepted{By: lena.Person, Other: tom.Person}).
			When(share(lena, flat)).Then(shared)
	})
}

func TestRule5_NobodyElseSharesALease(t *testing.T) {
	given(t, invited, accepted).When(share(tom, flat)).Refused(domain.Forbidden, "not_the_landlord")
	t.Run("nor with anybody else", func(t *testing.T) {
		for _, role := range []string{"landlord", "service_pro"} {
			pro := Party{Person: tom.Person, Role: role}
			given(t, InvitationSent{From: lena, To: pro}, accepted).When(share(lena, flat)).Refused(domain.Forbidden, "not_a_tenant")
		}
	})
	t.Run("nor while they are not connected", func(t *testing.T) {
		given(t, invited).When(share(lena, flat)).Refused(domain.Forbidden, "not_connected")
		given(t, invited, declined).When(share(lena, flat)).Refused(domain.Forbidden, "not_connected")
		given(t, invited, accepted, ended).When(share(lena, flat)).Refused(domain.Forbidden, "not_connected")
	})
}

func TestRule6_ALeaseHasANameAndTwoDays(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*Lease)
		code, field string
	}{
		"no name":                {func(l *Lease) { l.Name = "\u00a0" }, "blank", "property_name"},
		"a name of 201":          {func(l *Lease) { l.Name = strings.Repeat("é", 201) }, "too_long", "property_name"},
		"no first day":           {func(l *Lease) { l.Start = "" }, "not_a_date", "start"},
		"a first day that isn't": {func(l *Lease) { l.Start = "2026-02-29" }, "not_a_date", "start"},
		"no last day":            {func(l *Lease) { l.End = "forever" }, "not_a_date", "end"},
		"it ends too soon":       {func(l *Lease) { l.Start, l.End = "2026-08-02", "2026-08-01" }, "ends_before_start", "end"},
		"it ended yesterday":     {func(l *Lease) { l.End = "2026-06-14" }, "lease_over", "end"},
	} {
		t.Run(name, func(t *testing.T) {
			l := flat
			c.change(&l)
			if r := given(t, invited, accepted).When(share(lena, l)).Refused(domain.Invalid, c.code); r.Field != c.field {
				t.Errorf("field %q, want %q", r.Field, c.field)
			}
		})
	}
	for name, change := range map[string]func(*Lease){
		"one day":       func(l *Lease) { l.Start, l.End = today, today },
		"ends today":    func(l *Lease) { l.End = today },
		"starts later":  func(l *Lease) { l.Start, l.End = "2030-01-01", "2031-12-31" },
		"a name of 200": func(l *Lease) { l.Name = strings.Repeat("é", 200) },
	} {
		t.Run(name, func(t *testing.T) {
			l := flat
			change(&l)
			given(t, invited, accepted).When(share(lena, l)).Then(LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: l})
		})
	}
}

func TestRule6_LeasesOfOnePropertyDoNotOverlap(t *testing.T) {
	next := Lease{ID: scenario.ID("next lease"), Property: flat.Property, Name: flat.Name, Start: flat.Start, End: flat.End}
	past := []Event{invited, accepted, shared}
	for name, days := range map[string][2]domain.Date{
		"the same days":      {flat.Start, flat.End},
		"the first day":      {"2026-01-01", flat.Start},
		"the last day":       {flat.End, "2028-01-01"},
		"within the other":   {"2026-07-01", "2026-07-31"},
		"the other in it":    {"2026-01-01", "2029-12-31"},
		"a day of the other": {flat.End, flat.End},
	} {
		t.Run(name, func(t *testing.T) {
			l := next
			l.Start, l.End = days[0], days[1]
			c := share(lena, l)
			c.Today = "2026-01-01"
			given(t, past...).When(c).Refused(domain.Conflict, "lease_overlaps")
		})
	}
	t.Run("the day after is free", func(t *testing.T) {
		l := next
		l.Start, l.End = "2027-03-01", "2028-02-29"
		given(t, past...).When(share(lena, l)).Then(LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: l})
	})
	t.Run("another property is free", func(t *testing.T) {
		l := next
		l.Property = scenario.ID("garage")
		given(t, past...).When(share(lena, l)).Then(LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: l})
	})
	t.Run("what has ended is free", func(t *testing.T) {
		given(t, append(past, leaseEnded)...).When(share(lena, next)).Then(LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: next})
	})
}

func TestRule6_APairSharesAtMostAHundredLeases(t *testing.T) {
	events := []Event{invited, accepted}
	for i := range MaxLeases {
		l := flat
		l.ID, l.Property = scenario.ID(fmt.Sprint("lease ", i)), scenario.ID(fmt.Sprint("property ", i))
		if i == MaxLeases-1 {
			given(t, events...).When(share(lena, l)).Then(LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: l})
		}
		events = append(events, LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: l})
	}
	given(t, events...).When(share(lena, flat)).Refused(domain.Conflict, "too_many_leases")
}

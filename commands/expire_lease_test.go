package commands

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/scenario"
)

func TestExpireLease(t *testing.T) {
	h := newHouse(t)
	lease := connection.Lease{ID: scenario.ID("lease"), Property: scenario.ID("house"), Name: "House", Start: "2026-01-01", End: "2026-11-22"}
	lastDay := time.Date(2026, 11, 22, 23, 59, 59, 999_999_999, time.UTC)
	h.must(h.connections.Execute(t.Context(), connection.ShareLease{Connection: pair, By: lena, Lease: lease, Today: domain.DateOf(lastDay)}, h.request(lena)))
	head := h.head()
	wantCode(t, h.ExpireLease(t.Context(), pair, lease.ID, lastDay), "lease_not_over")
	wantCode(t, h.ExpireLease(t.Context(), pair, uuid.New(), lastDay.AddDate(1, 0, 0)), "lease_not_found")
	if h.head() != head {
		t.Error("something was written")
	}
	// Two processes notice at once, and once more later.
	over := lastDay.Add(time.Nanosecond)
	services := []*Service{h.Service, h.service(h.log, nil)}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := services[i%2].ExpireLease(t.Context(), pair, lease.ID, over); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := h.service(h.log, nil).ExpireLease(t.Context(), pair, lease.ID, over.AddDate(0, 0, 9)); err != nil {
		t.Error(err)
	}
	if n := h.count(channel, "lease_ended"); n != 1 {
		t.Fatalf("%d events", n)
	}
	events := h.stream(channel)
	last := events[len(events)-1]
	var ended connection.LeaseEnded
	var m domain.Metadata
	if err := json.Unmarshal(last.Data, &ended); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(last.Metadata, &m); err != nil {
		t.Fatal(err)
	}
	if want := (connection.LeaseEnded{Lease: lease.ID, Property: lease.Property, Landlord: lena, Tenant: tom, Reason: connection.Expired}); ended != want || m.Actor != System {
		t.Errorf("wrote %+v by %s", ended, m.Actor)
	}
}

package commands

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/attachment"
	"lobby.example/domain/connection"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
)

// theHouse is what Lena lets, and flat what she does not let to anybody.
var theHouse, flat = scenario.ID("house"), scenario.ID("flat")

// Bodies of what begins a stream: for Lena, for Tom, and for Lena again.
var (
	noticeBody  = `{"category":"notice","title":"Water","body":"It is off on Monday.","audience":{"all":true},"comments":true}`
	leakBody    = `{"connection":"` + channel + `","property":"` + theHouse.String() + `","title":"Leak","text":"The tap drips."}`
	ownLeakBody = `{"property":"` + flat.String() + `","property_name":"Flat","title":"Paint","text":"The walls are grey."}`
)

// lease lets Lena's house to somebody who is connected with her: for a month from
// the clock's day.
func (h *house) lease(tenant uuid.UUID) uuid.UUID {
	h.Helper()
	id, day := uuid.New(), h.now().UTC()
	h.must(h.connections.Execute(h.Context(), connection.ShareLease{
		Connection: connection.Between(lena, tenant),
		By:         lena,
		Today:      domain.DateOf(day),
		Lease:      connection.Lease{ID: id, Property: theHouse, Name: "House", Start: domain.DateOf(day), End: domain.DateOf(day.AddDate(0, 1, 0))},
	}, h.request(lena)))
	return id
}

// endTheLease takes it away again.
func (h *house) endTheLease(tenant, lease uuid.UUID) {
	h.Helper()
	h.must(h.connections.Execute(h.Context(), connection.EndLease{Connection: connection.Between(lena, tenant), Lease: lease, By: lena, Today: domain.DateOf(h.now())}, h.request(lena)))
}

// meetAnew disconnects Lena and a tenant, and connects them with a lease.
func (h *house) meetAnew(tenant uuid.UUID) uuid.UUID {
	h.Helper()
	h.must(h.connections.Execute(h.Context(), connection.Disconnect{Connection: connection.Between(lena, tenant), By: lena}, h.request(lena)))
	h.connect(lena, tenant)
	return h.lease(tenant)
}

// upload makes a file known, as if its bytes were kept.
func (h *house) upload(owner uuid.UUID) uuid.UUID {
	h.Helper()
	id := uuid.New()
	h.must(h.attachments.Execute(h.Context(), attachment.Upload{
		Attachment: id,
		Owner:      owner,
		File:       attachment.File{Name: "photo.jpg", Size: 1, Type: "image/jpeg", SHA256: id.String()},
	}, h.request(owner)))
	return id
}

// made sends what must make something, and answers with the answer.
func (a *api) made(caller uuid.UUID, path, body string, headers ...string) answer {
	a.Helper()
	got := a.do(as(caller), "POST", path, body, headers...)
	if got.status != http.StatusCreated || got.ID == nil {
		a.Fatalf("POST %s %s: %d %s", path, body, got.status, got.text)
	}
	return got
}

// posted, commented and submitted make one thing each, which is there for Lena and
// for Tom while he leases.
func (a *api) posted() string    { return a.made(lena, "/v1/posts", noticeBody).Stream }
func (a *api) submitted() string { return a.made(tom, "/v1/maintenance-requests", leakBody).Stream }
func (a *api) commented(post string) uuid.UUID {
	return *a.made(tom, "/v1/posts/"+post+"/comments", `{"text":"hello"}`).ID
}

// day is a moment from which tests of keys and lapses count.
var day = time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)

// all is everything in the log, in its order.
func (h *house) all() (events []eventlog.Recorded) {
	h.Helper()
	for e, err := range h.log.ReadAll(h.Context(), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			h.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

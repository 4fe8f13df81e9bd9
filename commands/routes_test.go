package commands

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
)

// TestEveryOperation walks through all of them once: a new tenant joins, is
// connected, writes, and leaves.
func TestEveryOperation(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.Service)
	nora := scenario.ID("Nora")
	id := connection.Between(lena, nora)
	in := connection.Stream(id)
	messages := "/v1/channels/" + in + "/messages"
	tomorrow := string(domain.DateOf(time.Now().Add(24 * time.Hour)))
	leaseBody := func(more string) string {
		return `{"property":"` + scenario.ID("house").String() + `","property_name":"House","start":"2026-01-01","end":"` + tomorrow + `"` + more + `}`
	}
	a.walk([]step{
		{caller: host, method: "POST", path: "/v1/persons", body: `{"person":"` + nora.String() + `","role":"tenant","name":"Nora","email":"nora@example.org"}`, status: 201, stream: person.Stream(nora), kind: "person_registered"},
		{caller: host, method: "POST", path: "/v1/persons", body: `{"person":"` + nora.String() + `","role":"tenant","name":"Nora","email":"nora@example.org"}`, status: 201, stream: person.Stream(nora)},
		{caller: as(nora), method: "PUT", path: "/v1/persons/" + nora.String() + "/profile", body: `{"name":"Nora N."}`, stream: person.Stream(nora), kind: "profile_updated"},
		{caller: host, method: "PUT", path: "/v1/persons/" + nora.String() + "/profile", body: `{"name":"Nora N."}`, stream: person.Stream(nora)},
		{caller: as(nora), method: "PUT", path: "/v1/persons/" + nora.String() + "/preferences", body: `{"email_copies":false,"desktop_notifications":true}`, stream: person.Stream(nora), kind: "preferences_set"},
		{caller: as(lena), method: "POST", path: "/v1/connections", body: `{"person":"` + nora.String() + `"}`, status: 201, stream: in, kind: "invited"},
		{caller: as(nora), method: "POST", path: "/v1/connections/" + in + "/decline", stream: in, kind: "invitation_declined"},
		{caller: as(nora), method: "POST", path: "/v1/connections", body: `{"person":"` + lena.String() + `"}`, status: 201, stream: in, kind: "invited"},
		{caller: as(lena), method: "POST", path: "/v1/connections/" + in + "/accept", stream: in, kind: "invitation_accepted"},
		{caller: as(lena), method: "POST", path: "/v1/connections/" + in + "/leases", body: leaseBody(""), status: 201, stream: in, kind: "lease_shared", made: "LEASE"},
		{caller: as(lena), method: "DELETE", path: "/v1/connections/" + in + "/leases/LEASE", stream: in, kind: "lease_ended"},
		{caller: as(lena), method: "DELETE", path: "/v1/connections/" + in + "/leases/LEASE", stream: in},
		{caller: host, method: "POST", path: "/v1/connections/" + in + "/leases", body: leaseBody(`,"landlord":"` + lena.String() + `"`), status: 201, stream: in, kind: "lease_shared", made: "LEASE"},
		{caller: host, method: "DELETE", path: "/v1/connections/" + in + "/leases/LEASE?landlord=" + lena.String(), stream: in, kind: "lease_ended"},
		{caller: as(lena), method: "POST", path: "/v1/connections/" + in + "/leases", body: leaseBody(""), status: 201, stream: in, kind: "lease_shared", made: "LEASE"},
		{caller: as(nora), method: "POST", path: messages, body: `{"text":"Hello\n","email_copy":true}`, status: 201, stream: in, kind: "message_sent", made: "MESSAGE"},
		{caller: as(nora), method: "DELETE", path: messages + "/MESSAGE", stream: in, kind: "message_deleted"},
		{caller: as(nora), method: "DELETE", path: messages + "/MESSAGE", stream: in},
		{caller: as(nora), method: "POST", path: messages, body: `{"text":"Hello again"}`, status: 201, stream: in, kind: "message_sent", made: "MESSAGE"},
		{caller: as(lena), method: "POST", path: "/v1/channels/" + in + "/seen", body: `{"entries":["MESSAGE"]}`, stream: in, kind: "messages_seen"},
		{caller: as(lena), method: "POST", path: "/v1/channels/" + in + "/seen", body: `{"entries":["MESSAGE"]}`, stream: in},
		{caller: as(lena), method: "PUT", path: "/v1/channels/" + in + "/unread", body: `{"unread":true}`, stream: reader.Stream(lena), kind: "channel_marked_unread"},
		{caller: as(lena), method: "PUT", path: "/v1/channels/" + in + "/unread", body: `{"unread":false}`, stream: reader.Stream(lena), kind: "channel_unread_cleared"},
		{caller: as(nora), method: "PUT", path: "/v1/channels/" + in + "/mute", body: `{"muted":true}`, stream: reader.Stream(nora), kind: "channel_muted"},
		{caller: as(nora), method: "PUT", path: "/v1/channels/" + in + "/mute", body: `{"muted":false}`, stream: reader.Stream(nora), kind: "channel_unmuted"},
		{caller: as(tia), method: "PUT", path: "/v1/channels/" + channel + "/mute", body: `{"muted":false}`, status: 404},
		{caller: as(nora), method: "DELETE", path: "/v1/connections/" + in, stream: in, kind: "disconnected", events: 2},
		{caller: as(lena), method: "DELETE", path: "/v1/connections/" + in, stream: in},
		{caller: as(nora), method: "DELETE", path: "/v1/persons/" + nora.String(), stream: person.Stream(nora), kind: "person_deactivated"},
		{caller: host, method: "DELETE", path: "/v1/persons/" + nora.String(), stream: person.Stream(nora)},
	})
}

// TestNewPersonWithoutAnID gets one; the same one for a retry, however late.
func TestNewPersonWithoutAnID(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.Service)
	const body = `{"role":"service_pro","name":"Paul"}`
	one, two := a.do(host, "POST", "/v1/persons", body), a.do(host, "POST", "/v1/persons", body)
	if one.ID == nil || two.ID == nil || *one.ID == *two.ID || one.Stream != person.Stream(*one.ID) {
		t.Errorf("made %s and %s", one.text, two.text)
	}
	first := a.do(host, "POST", "/v1/persons", body, "Idempotency-Key", "paul")
	again := a.do(host, "POST", "/v1/persons", body, "Idempotency-Key", "paul")
	h.set(h.now().Add(3 * window))
	late := a.do(host, "POST", "/v1/persons", body, "Idempotency-Key", "paul")
	if first.text != again.text || late.ID == nil || *late.ID != *first.ID || late.Events != 0 {
		t.Errorf("answered %s, %s, and later %s", first.text, again.text, late.text)
	}
}

// TestRetryOverHTTP answers byte for byte as the first time.
func TestRetryOverHTTP(t *testing.T) {
	h := newHouse(t)
	day := time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC)
	h.set(day)
	path := "/v1/channels/" + channel + "/messages"
	one, two := newAPI(h, h.Service), newAPI(h, h.service(h.log, nil))
	first := one.do(as(tom), "POST", path, `{"text":"a"}`, "Idempotency-Key", "k")
	if first.status != http.StatusCreated {
		t.Fatal(first.text)
	}
	for _, later := range []time.Duration{0, 2 * time.Minute, window} {
		h.set(day.Add(later))
		for _, a := range []*api{one, two} {
			again := a.do(as(tom), "POST", path, `{ "text" : "a" }`, "Idempotency-Key", "k")
			if again.text != first.text || again.status != first.status || again.header.Get("Lobby-Position") != first.header.Get("Lobby-Position") {
				t.Errorf("%s later: %d %s, want %s", later, again.status, again.text, first.text)
			}
			refused := a.do(as(tom), "POST", path, `{"text":"b"}`, "Idempotency-Key", "k")
			if refused.status != http.StatusUnprocessableEntity || refused.Code != "idempotency_key_reused" || len(refused.Errors) != 1 || refused.Errors[0].Field != "Idempotency-Key" {
				t.Errorf("%s later: another body: %s", later, refused.text)
			}
		}
	}
	h.set(day.Add(window + time.Microsecond))
	if later := two.do(as(tom), "POST", path, `{"text":"a"}`, "Idempotency-Key", "k"); later.ID == nil || *later.ID == *first.ID || later.Events != 1 {
		t.Errorf("a day later: %s, was %s", later.text, first.text)
	}
	// The message is also part of what a deletion asks for.
	var messages []uuid.UUID
	for range 2 {
		messages = append(messages, one.sent(tom))
	}
	deleted := one.do(as(tom), "DELETE", path+"/"+messages[0].String(), "", "Idempotency-Key", "d")
	reused := one.do(as(tom), "DELETE", path+"/"+messages[1].String(), "", "Idempotency-Key", "d")
	if deleted.Events != 1 || reused.Code != "idempotency_key_reused" {
		t.Errorf("answered %s, then %s", deleted.text, reused.text)
	}
}

func TestBusyOverHTTP(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.service(&tampered{Log: h.log, before: func(string, eventlog.Revision) error {
		_, err := h.send(h.Service, h.request(lena))
		return err
	}}, nil))
	got := a.do(as(tom), "POST", "/v1/channels/"+channel+"/messages", `{"text":"a"}`)
	if got.status != http.StatusServiceUnavailable || got.Code != "busy" || got.header.Get("Retry-After") != "1" {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// TestEveryRouteIsInTheDocument keeps the names of the operations.
func TestEveryRouteIsInTheDocument(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.Service)
	var document struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	r := a.do(host, "GET", "/openapi.json", "")
	if err := json.Unmarshal([]byte(r.text), &document); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, methods := range document.Paths {
		for _, operation := range methods {
			got = append(got, operation.OperationID)
		}
	}
	slices.Sort(got)
	want := strings.Fields(`
		AcceptInvitation AddComment CloseComments CreateWebhook DeactivatePerson DeclineInvitation DeleteComment DeleteMessage DeleteWebhook
		Disconnect EditPost EndLease Invite MarkSeen MarkUnread MuteChannel OpenComments OpenMaintenanceRequest PinPost PublishPost
		RegisterPerson RemoveComment RemovePost RotateWebhookSecret SendMessage SetMaintenanceStatus SetPreferences ShareLease ShareMaintenanceRequest SubmitMaintenanceRequest UnpinPost
		UnshareMaintenanceRequest UpdateProfile UploadAttachment`)
	if !slices.Equal(got, want) {
		t.Errorf("operations %v", got)
	}
}

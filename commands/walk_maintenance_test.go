package commands

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/maintenance"
	"lobby.example/domain/reader"
)

// TestEveryOperationOnRequests walks through all of them once: a tenant submits a
// request, a service pro joins, they write each other, and it is closed.
func TestEveryOperationOnRequests(t *testing.T) {
	h := newHouse(t)
	h.lease(tom)
	h.connect(lena, pia)
	h.connect(lena, tia)
	a := newAPI(h, h.Service)
	const (
		requests  = "/v1/maintenance-requests"
		on        = requests + "/maintenance-REQUEST"
		in        = "maintenance-REQUEST"
		chat      = "/v1/channels/" + in
		hello     = `{"text":"Hello\n"}`
		setStatus = on + "/status"
	)
	with := func(person uuid.UUID) string { return on + "/shares/" + person.String() }
	landlord := "?landlord=" + lena.String()
	a.walk([]step{
		{caller: as(tom), method: "POST", path: requests, body: leakBody, status: 201, stream: in, kind: "maintenance_message_sent", events: 2, made: "REQUEST"},
		{caller: as(lena), method: "PUT", path: with(pia), body: `{"history":"all"}`, stream: in, kind: "request_shared"},
		{caller: as(lena), method: "PUT", path: with(pia), body: `{"history":"from_now"}`, stream: in},
		{caller: as(lena), method: "PUT", path: with(tia), body: `{}`, stream: in, kind: "request_shared"},
		{caller: as(lena), method: "DELETE", path: with(tia), stream: in, kind: "request_unshared"},
		{caller: as(lena), method: "DELETE", path: with(tia), stream: in},
		{caller: as(lena), method: "PUT", path: with(tia), body: `{"history":"from_now"}`, stream: in, kind: "request_shared"},
		{caller: as(pia), method: "POST", path: chat + "/messages", body: hello, status: 201, stream: in, kind: "maintenance_message_sent", made: "MESSAGE"},
		{caller: as(pia), method: "DELETE", path: chat + "/messages/MESSAGE", stream: in, kind: "maintenance_message_deleted"},
		{caller: as(pia), method: "DELETE", path: chat + "/messages/MESSAGE", stream: in},
		{caller: as(tom), method: "POST", path: chat + "/messages", body: hello, status: 201, stream: in, kind: "maintenance_message_sent", made: "MESSAGE"},
		{caller: as(tia), method: "POST", path: chat + "/seen", body: `{"entries":["MESSAGE"]}`, stream: in, kind: "maintenance_messages_seen"},
		{caller: as(tia), method: "POST", path: chat + "/seen", body: `{"entries":["MESSAGE"]}`, stream: in},
		{caller: as(pia), method: "PUT", path: chat + "/unread", body: `{"unread":true}`, stream: reader.Stream(pia), kind: "channel_marked_unread"},
		{caller: as(lena), method: "PUT", path: chat + "/mute", body: `{"muted":true}`, stream: reader.Stream(lena), kind: "channel_muted"},
		{caller: as(lena), method: "PUT", path: setStatus, body: `{"status":"in_progress"}`, stream: in, kind: "status_set"},
		{caller: as(lena), method: "PUT", path: setStatus, body: `{"status":"in_progress"}`, stream: in},
		{caller: as(tom), method: "PUT", path: setStatus, body: `{"status":"canceled"}`, stream: in, kind: "status_set"},
		{caller: as(tom), method: "PUT", path: setStatus, body: `{"status":"canceled"}`, stream: in},
		// Closed, it is still read, and what nobody has seen is taken back.
		{caller: as(pia), method: "POST", path: chat + "/seen", body: `{"entries":["MESSAGE"]}`, stream: in, kind: "maintenance_messages_seen"},
		{caller: as(pia), method: "PUT", path: chat + "/unread", body: `{"unread":false}`, stream: reader.Stream(pia), kind: "channel_unread_cleared"},
		{caller: as(lena), method: "DELETE", path: with(tia), stream: in, kind: "request_unshared"},
		{caller: host, method: "PUT", path: setStatus + landlord, body: `{"status":"archived"}`, stream: in, kind: "status_set"},

		{caller: as(lena), method: "POST", path: requests + "/open", body: ownLeakBody, status: 201, stream: in, kind: "maintenance_message_sent", events: 2, made: "REQUEST"},
		{caller: as(lena), method: "POST", path: chat + "/messages", body: hello, status: 201, stream: in, kind: "maintenance_message_sent", made: "MESSAGE"},
		{caller: as(lena), method: "DELETE", path: chat + "/messages/MESSAGE", stream: in, kind: "maintenance_message_deleted"},
		// The platform does for a landlord what a landlord does.
		{caller: host, method: "POST", path: requests + "/open" + landlord, body: ownLeakBody, status: 201, stream: in, kind: "maintenance_message_sent", events: 2, made: "REQUEST"},
		{caller: host, method: "PUT", path: with(pia) + landlord, body: `{}`, stream: in, kind: "request_shared"},
		{caller: host, method: "DELETE", path: with(pia) + landlord, stream: in, kind: "request_unshared"},
		{caller: host, method: "PUT", path: setStatus + landlord, body: `{"status":"in_review"}`, stream: in, kind: "status_set"},
		{caller: host, method: "PUT", path: setStatus + landlord, body: `{"status":"resolved"}`, stream: in, kind: "status_set"},
	})
}

// TestWhatARequestTakesFromOtherStreams: the landlord and the property's name are
// of the lease, the role of who joins is of the person, and all is in the body of
// nobody.
func TestWhatARequestTakesFromOtherStreams(t *testing.T) {
	h := newHouse(t)
	h.lease(tom)
	h.connect(lena, pia)
	a := newAPI(h, h.Service)
	stream := a.submitted()
	a.do(as(lena), "PUT", "/v1/maintenance-requests/"+stream+"/shares/"+pia.String(), `{}`)
	a.made(pia, "/v1/channels/"+stream+"/messages", `{"text":"I come."}`)
	events := h.stream(stream)
	var submitted maintenance.RequestSubmitted
	var description, answer maintenance.MessageSent
	var shared maintenance.RequestShared
	for i, into := range []any{&submitted, &description, &shared, &answer} {
		if err := json.Unmarshal(events[i].Data, into); err != nil {
			t.Fatal(err)
		}
	}
	if want := (maintenance.RequestSubmitted{Request: submitted.Request, By: tom, Landlord: lena, Property: theHouse, PropertyName: "House", Title: "Leak"}); submitted != want || maintenance.Stream(submitted.Request) != stream {
		t.Errorf("submitted %+v", submitted)
	}
	if description.Message != firstMessage(submitted.Request) || description.From != tom || !slices.Equal(description.To, []uuid.UUID{lena}) || description.Text != "The tap drips." {
		t.Errorf("described %+v", description)
	}
	if want := (maintenance.RequestShared{Request: submitted.Request, Landlord: lena, Person: pia, Role: "service_pro", History: "all"}); shared != want {
		t.Errorf("shared %+v", shared)
	}
	if answer.From != pia || !slices.Equal(answer.To, []uuid.UUID{lena, tom}) {
		t.Errorf("answered %+v", answer)
	}
}

package readapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

// P17, P18, P19: of what two people have with each other, a third sees nothing on
// any route, not even that it is there, whatever the third has with one of them.
func TestP18AThirdPersonSeesNothingOnAnyRoute(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		for _, name := range []string{"Anna", "Ben", "Cleo", "Dora"} {
			s.register(name, name)
		}
		channel := s.connect("Anna", "Ben")
		s.connect("Anna", "Cleo") // the next tenant
		secret := s.send("Anna", "Ben", "the code of the door is 4711")
		s.done("Anna", "POST", "/v1/connections/"+channel+"/leases", map[string]any{"property": uuid.New(), "property_name": "Elm Street 4", "start": "2026-02-01", "end": "2026-12-31"})
		s.done("Ben", "DELETE", "/v1/connections/"+channel, nil)

		for _, name := range []string{"Cleo", "Dora"} {
			for _, path := range routes(channel, secret.String()) {
				got := s.get(name, path+s.after())
				never := s.get(name, routes("connection-"+uuid.NewString(), secret.String())[0])
				if got.Status != 404 || string(got.Body) != string(never.Body) {
					t.Errorf("%s asks for %s: %s, and of what never was: %s", name, path, got, never)
				}
			}
			contacts := read[readapi.Contacts](t, s.get(name, "/v1/contacts?"+s.after()))
			for _, c := range contacts.Contacts {
				if c.Name != "Anna" || len(c.Leases) > 0 {
					t.Errorf("%s sees %+v", name, c)
				}
			}
			if box := read[readapi.Inbox](t, s.get(name, "/v1/inbox?"+s.after())); name == "Cleo" && (len(box.Channels) != 1 || box.Channels[0].LastMessage != nil) {
				t.Errorf("%s sees %+v", name, box)
			}
		}
		// The two themselves go on reading, and nothing counts any more (P16).
		for _, name := range []string{"Anna", "Ben"} {
			page := read[readapi.Messages](t, s.get(name, "/v1/channels/"+channel+"/messages?"+s.after()))
			counts := read[readapi.Unread](t, s.get(name, "/v1/unread?"+s.after()))
			if len(page.Messages) != 1 || page.Messages[0].Unread || counts.Total != 0 || len(counts.Channels) != 0 {
				t.Errorf("%s after the disconnect: %+v, %+v", name, page, counts)
			}
		}
		// What was still unseen counts again once they are connected again.
		s.connect("Ben", "Anna")
		if counts := read[readapi.Unread](t, s.get("Ben", "/v1/unread?"+s.after())); counts.Total != 1 {
			t.Errorf("after connecting again: %+v", counts)
		}
	})
}

// A flag that a person set on somebody else's channel, should one ever get into
// the log, is a flag and no right.
func TestAFlagAloneGivesNoRight(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s, channel, message := two(t)
		s.register("Cleo", "Cleo")
		for path, body := range map[string]map[string]any{"/mute": {"muted": true}, "/unread": {"unread": true}} {
			if a := s.command("Cleo", "PUT", "/v1/channels/"+channel+path, body); a.problem() != "channel_not_found" {
				t.Errorf("%s of a foreign channel: %s", path, a)
			}
		}
		cleo := scenario.ID("Cleo")
		event := reader.ChannelMuted{Person: cleo, Channel: channel}
		data, err := reader.Facts.Encode(event)
		if err != nil {
			t.Fatal(err)
		}
		metadata, err := json.Marshal(domain.Metadata{OccurredAt: domain.MomentOf(*s.today.Load())})
		if err != nil {
			t.Fatal(err)
		}
		appended, err := s.log.Append(t.Context(), reader.Stream(cleo), eventlog.NoStream, []eventlog.Event{{ID: uuid.New(), Kind: event.Kind(), Data: data, Metadata: metadata}})
		if err != nil {
			t.Fatal(err)
		}
		s.note(appended.Positions[0].String())
		for _, path := range routes(channel, message.String()) {
			if a := s.get("Cleo", path+s.after()); a.Status != http.StatusNotFound {
				t.Errorf("%s: %s", path, a)
			}
		}
	})
}

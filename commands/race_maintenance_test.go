package commands

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/maintenance"
	"lobby.example/eventlog"
)

// TestUnshareAgainstMessage: nobody writes into a request after they were unshared,
// and nothing waits for them, in one process and between two.
func TestUnshareAgainstMessage(t *testing.T) {
	for name, processes := range map[string]int{"in one process": 1, "between two processes": 2} {
		t.Run(name, func(t *testing.T) {
			rounds := 300 / processes
			h := newHouse(t)
			h.connect(lena, pia)
			log := &tampered{Log: h.log}
			senders, sharers := h.service(log, nil), h.service(log, nil)
			if processes == 1 {
				sharers = senders
			}
			id := uuid.New()
			name := maintenance.Stream(id)
			landlord, pro := maintenance.Participant{Person: lena, Connected: true}, maintenance.Participant{Person: pia, Connected: true}
			run := func(s *Service, by maintenance.Participant, command domain.Command[maintenance.State]) (Result, error) {
				return s.requests.Execute(t.Context(), command, h.request(by.Person))
			}
			h.must(run(sharers, landlord, maintenance.Open{Request: id, Message: uuid.New(), Landlord: lena, Role: "landlord", Property: theHouse, PropertyName: "House", Title: "T", Text: "a"}))
			sent := map[uuid.UUID]eventlog.Revision{}
			for i := range rounds {
				h.must(run(sharers, landlord, maintenance.Share{Request: id, By: landlord, With: maintenance.Party{Person: pia, Role: "service_pro"}, Connected: true}))
				entry := uuid.New()
				var written, unshared Result
				var writeErr, unshareErr error
				together(i%2 == 0,
					func() {
						written, writeErr = run(senders, pro, maintenance.SendMessage{Request: id, Message: entry, By: pro, Text: "a"})
					},
					func() {
						unshared, unshareErr = run(sharers, landlord, maintenance.Unshare{Request: id, By: landlord, Person: pia})
					})
				if unshareErr != nil || unshared.Events != 1 {
					t.Fatalf("unsharing: %+v, %v", unshared, unshareErr)
				}
				switch {
				case writeErr == nil && written.Revision < unshared.Revision:
					sent[entry] = written.Revision
				case code(writeErr) != "channel_not_found":
					t.Fatalf("written %+v, %v; unshared %+v", written, writeErr, unshared)
				}
				h.must(run(sharers, landlord, maintenance.SendMessage{Request: id, Message: uuid.New(), By: landlord, Text: "alone"}))
			}
			shared := false
			for _, e := range h.stream(name) {
				switch e.Kind {
				case "request_shared":
					shared = true
				case "request_unshared":
					shared = false
				case "maintenance_message_sent":
					var m maintenance.MessageSent
					if err := json.Unmarshal(e.Data, &m); err != nil {
						t.Fatal(err)
					}
					if m.From == pia && (!shared || sent[m.Message] != e.Revision) || m.From == lena && slices.Contains(m.To, pia) != shared {
						t.Fatalf("revision %d, shared %t: %s", e.Revision, shared, e.Data)
					}
					delete(sent, m.Message)
				}
			}
			if len(sent) > 0 {
				t.Errorf("%d messages were answered that are not in the log", len(sent))
			}
			n := h.count(name, "maintenance_message_sent") - rounds - 1
			if n == 0 || n == rounds {
				t.Errorf("the message came first %d times of %d: that was no race", n, rounds)
			}
			if processes == 2 && log.conflicts.Load() == 0 {
				t.Error("no conflict, so that was no race")
			}
			t.Logf("the message came first %d times of %d", n, rounds)
		})
	}
}

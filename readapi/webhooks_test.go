package readapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
	"lobby.example/domain/webhook"
	"lobby.example/eventlog"
	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

// hook appends events to the stream of a webhook, a minute apart from nine o'clock
// on. What leads to them is for the commands to say.
func (s *site) hook(events ...webhook.Event) {
	s.t.Helper()
	for _, e := range events {
		var id uuid.UUID
		switch e := e.(type) {
		case webhook.Created:
			id = e.Webhook
		case webhook.SecretRotated:
			id = e.Webhook
		case webhook.Ended:
			id = e.Webhook
		}
		revision := eventlog.NoStream
		for r, err := range s.log.ReadStream(s.t.Context(), webhook.Stream(id), eventlog.End, eventlog.Backward, 1) {
			if err != nil {
				s.t.Fatal(err)
			}
			revision = r.Revision
		}
		data, err := webhook.Facts.Encode(e)
		if err != nil {
			s.t.Fatal(err)
		}
		metadata, err := json.Marshal(domain.Metadata{OccurredAt: domain.MomentOf(nine.Add(time.Duration(s.seconds.Add(60)) * time.Second))})
		if err != nil {
			s.t.Fatal(err)
		}
		appended, err := s.log.Append(s.t.Context(), webhook.Stream(id), revision, []eventlog.Event{{ID: uuid.New(), Kind: e.Kind(), Data: data, Metadata: metadata}})
		if err != nil {
			s.t.Fatal(err)
		}
		s.note(appended.Positions[0].String())
	}
}

var nine = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// askPlatform reads as the host product, which is nobody who is registered.
func (s *site) askPlatform(path string) answer {
	return s.ask(s.handler, s.token(scenario.ID("platform"), true), "GET", path, nil)
}

func TestWebhooksAreListedWithAllThatHappenedToThem(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		if a := s.askPlatform("/v1/webhooks"); strings.TrimSpace(string(a.Body)) != `{"webhooks":[]}` {
			t.Errorf("at first: %s", a)
		}
		books, archive := scenario.ID("books"), scenario.ID("archive")
		kinds := []string{"request_submitted", "message_sent"}
		s.hook(
			webhook.Created{Webhook: books, URL: "https://books.example.org/?a=1&b=2", Kinds: kinds, Secret: scenario.ID("one")},
			webhook.Created{Webhook: archive, URL: "http://archive.example.org", Kinds: kinds[:1], Secret: scenario.ID("two")},
		)
		at := func(minute int) *time.Time { t := nine.Add(time.Duration(minute) * time.Minute); return &t }
		want := readapi.Webhooks{Webhooks: []readapi.Webhook{
			{Webhook: archive.String(), URL: "http://archive.example.org", Kinds: kinds[:1], CreatedAt: *at(2)},
			{Webhook: books.String(), URL: "https://books.example.org/?a=1&b=2", Kinds: kinds, CreatedAt: *at(1)},
		}}
		look := func(what string) {
			t.Helper()
			for range 2 { // from the model, and from memory
				a := s.askPlatform("/v1/webhooks?" + s.after())
				if diff := cmp.Diff(want, read[readapi.Webhooks](t, a)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
				if body := string(a.Body); strings.Contains(body, "secret") || strings.Contains(body, scenario.ID("one").String()) {
					t.Errorf("%s: something of a secret is in %s", what, body)
				}
			}
		}
		look("created")
		s.hook(webhook.SecretRotated{Webhook: books, Secret: scenario.ID("three")}, webhook.SecretRotated{Webhook: books, Secret: scenario.ID("four")})
		want.Webhooks[1].RotatedAt = at(4)
		look("rotated")
		s.hook(webhook.Ended{Webhook: archive, Reason: webhook.Gone}, webhook.Ended{Webhook: books, Reason: webhook.Deleted})
		want.Webhooks[0].EndedAt, want.Webhooks[0].Reason = at(5), "gone"
		want.Webhooks[1].EndedAt, want.Webhooks[1].Reason = at(6), "deleted"
		look("ended")
	})
}

func TestPagesOfWebhooksHaveEverythingOnce(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		var want []string
		for i := range 7 {
			id := scenario.ID(fmt.Sprint("webhook ", i))
			s.hook(webhook.Created{Webhook: id, URL: "http://example.org", Kinds: []string{"message_sent"}})
			want = slices.Insert(want, 0, id.String())
		}
		// Two of one moment.
		s.seconds.Add(-60)
		twin := scenario.ID("twin")
		s.hook(webhook.Created{Webhook: twin, URL: "http://example.org", Kinds: []string{"message_sent"}})
		if twin.String() > want[0] {
			want = slices.Insert(want, 0, twin.String())
		} else {
			want = slices.Insert(want, 1, twin.String())
		}
		for _, limit := range []int{1, 3, 7, 8, 9} {
			var got []string
			for _, page := range pages(t, func(path string) answer { return s.askPlatform(path + "&" + s.after()) },
				fmt.Sprint("/v1/webhooks?limit=", limit), func(p readapi.Webhooks) string { return p.NextCursor }) {
				for _, w := range page.Webhooks {
					got = append(got, w.Webhook)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d: %q, want %q", limit, got, want)
			}
		}
		other := read[struct {
			Next string `json:"next_cursor"`
		}](t, s.askPlatform("/v1/webhooks?limit=1")).Next
		for path, code := range map[string]string{
			"/v1/webhooks?cursor=x": "invalid_cursor cursor", "/v1/webhooks?limit=101": "invalid_parameter limit", "/v1/webhooks?limit=0": "invalid_parameter limit",
			"/v1/webhooks?unknown=1": "invalid_parameter unknown", "/v1/webhooks?after=x": "invalid_position after",
		} {
			if a := s.askPlatform(path); a.Status != 422 || a.problem() != code {
				t.Errorf("%s: %s, want %s", path, a, code)
			}
		}
		s.register("Anna", "Anna")
		if a := s.get("Anna", "/v1/inbox?"+s.after()+"&cursor="+other); a.problem() != "invalid_cursor cursor" {
			t.Errorf("the cursor of webhooks in another list: %s", a)
		}
	})
}

// Only the platform asks, and what it was answered is in nobody's memory but its
// own: a person whose token once had the scope asks in vain without it.
func TestOnlyThePlatformSeesWebhooks(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		s.register("Anna", "Anna")
		s.hook(webhook.Created{Webhook: scenario.ID("books"), URL: "http://books.example.org", Kinds: []string{"message_sent"}})
		path := "/v1/webhooks?" + s.after()
		anna := s.token(idOf("Anna"), true)
		for range 2 {
			if a := s.ask(s.handler, anna, "GET", path, nil); a.Status != http.StatusOK {
				t.Fatalf("Anna as the platform: %s", a)
			}
			for name, want := range map[string]string{"Anna": "platform_only", "Nobody": "unknown_caller", "platform": "unknown_caller"} {
				if a := s.get(name, path); a.problem() != want || strings.Contains(string(a.Body), "books") {
					t.Errorf("%s: %s, want %s", name, a, want)
				}
			}
			if a := s.ask(s.handler, "", "GET", path, nil); a.Status != http.StatusUnauthorized {
				t.Errorf("without a token: %s", a)
			}
		}
		if a := s.get("Anna", path, "If-None-Match", s.askPlatform(path).Header.Get("ETag")); a.Status != http.StatusForbidden {
			t.Errorf("with the tag of the platform's answer: %s", a)
		}
	})
}

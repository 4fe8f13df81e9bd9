package readapi_test

import (
	"strings"
	"testing"

	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

// paged is a site where each list has a second page for Anna, and the lists.
func paged(t testing.TB) (s *site, lists []string) {
	s = building(t)
	channel := channelOf("Anna", "Ben")
	var post string
	for range 2 {
		s.submit("Lock", "the same words")
		s.write("Anna", channel, "the same words")
		post = s.publish("Post", "hello")
	}
	for range 2 {
		s.comment("Ben", post, "hello")
	}
	return s, []string{
		"/v1/inbox?limit=1", "/v1/contacts?limit=1", "/v1/channels/" + channel + "/messages?limit=1", "/v1/messages?text=words&limit=1",
		"/v1/boards/" + annasBoard() + "/posts?limit=1", "/v1/posts/" + post + "/comments?limit=1", "/v1/maintenance-requests?limit=1",
	}
}

// A cursor belongs to the list that gave it out.
func TestACursorOfAnotherListIsRefused(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s, lists := paged(t)
		cursors := map[string]string{"": "x"}
		for _, list := range lists {
			page := read[struct {
				Next string `json:"next_cursor"`
			}](t, s.get("Anna", list+"&"+s.after()))
			if page.Next == "" {
				t.Fatalf("%s has no second page", list)
			}
			cursors[list] = page.Next
		}
		for _, list := range lists {
			for from, cursor := range cursors {
				a := s.get("Anna", list+"&cursor="+cursor)
				if from == list && a.Status != 200 || from != list && (a.Status != 422 || a.problem() != "invalid_cursor cursor") {
					t.Errorf("%s with the cursor of %q: %s", list, from, a)
				}
			}
			mine := cursors[list]
			for _, cursor := range []string{mine[:len(mine)-1], mine + "A", strings.ToLower(mine), "%00", strings.Repeat("A", 1025), mine[1:]} {
				if a := s.get("Anna", list+"&cursor="+cursor); a.Status != 422 || !strings.HasSuffix(a.problem(), "cursor") && cursor != "%00" {
					t.Errorf("%s with cursor %.30q: %s", list, cursor, a)
				}
			}
		}
		// P18: a cursor carries no right. By somebody else's one finds one's own and nothing else.
		for list, code := range map[string]string{lists[2]: "channel_not_found", lists[4]: "channel_not_found", lists[5]: "post_not_found"} {
			if a := s.get("Dora", list+"&cursor="+cursors[list]); a.Status != 404 || a.problem() != code {
				t.Errorf("an outsider at %s with a member's cursor: %s", list, a)
			}
		}
		for _, list := range []string{lists[3], lists[6]} {
			if a := s.get("Cleo", list+"&cursor="+cursors[list]); a.Status != 200 || strings.Contains(string(a.Body), "Elm") || strings.Contains(string(a.Body), "words") {
				t.Errorf("an outsider at %s with a member's cursor: %s", list, a)
			}
		}
		box := read[readapi.Inbox](t, s.get("Dora", "/v1/inbox?limit=5&cursor="+cursors[lists[0]]))
		for _, c := range box.Channels {
			if c.Channel != channelOf("Anna", "Dora") {
				t.Errorf("Dora sees %s by the cursor of Anna", c.Channel)
			}
		}
	})
}

// Every list bounds its pages, and says so.
func TestEveryListRefusesALimitThatItDoesNotHave(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s, lists := paged(t)
		for _, list := range lists {
			list = strings.TrimSuffix(list, "limit=1")
			for _, limit := range []string{"0", "101", "-1", "x", "1.5"} {
				if a := s.get("Anna", list+"limit="+limit); a.Status != 422 || a.problem() != "invalid_parameter limit" {
					t.Errorf("%slimit=%s: %s", list, limit, a)
				}
			}
			if a := s.get("Anna", list+"limit=100&"+s.after()); a.Status != 200 {
				t.Errorf("%slimit=100: %s", list, a)
			}
		}
	})
}

package readapi_test

import (
	"slices"
	"testing"

	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

// P17, P19: who comes to share a request from now on sees nothing on any route of
// what was written before, and cannot say that they saw it.
func TestP17AHistoryFromNowOnHidesWhatWasBefore(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		request := s.submit("The lock", "the door does not lock")
		secret := s.write("Anna", request, "the code is 4711")
		s.shareWith("Dora", request, "from_now")
		of := "/v1/channels/" + request
		newest := read[readapi.Messages](t, s.get("Anna", of+"/messages?limit=1&"+s.after()))

		look := func(want ...string) {
			t.Helper()
			slices.Reverse(want)
			if got := s.column("Dora", of+"/messages?limit=1", "messages", "text"); !slices.Equal(got, want) {
				t.Errorf("messages %q, want %q", got, want)
			}
			for _, word := range []string{"code", "4711", "door"} {
				if got := s.search("Dora", word); len(got) > 0 {
					t.Errorf("a search for %s finds %q", word, got)
				}
			}
			line := read[readapi.Inbox](t, s.get("Dora", "/v1/inbox?section=maintenance&"+s.after())).Channels[0]
			if line.Unread != len(want) || (line.LastMessage != nil) != (len(want) > 0) || len(want) > 0 && line.LastMessage.Text != want[0] {
				t.Errorf("in the inbox: %+v, %+v", line, line.LastMessage)
			}
			if me := read[readapi.Me](t, s.get("Dora", "/v1/me?"+s.after())); me.Unread != len(want) {
				t.Errorf("the bubble is %d, want %d", me.Unread, len(want))
			}
			if a := s.get("Dora", of+"/entries/"+secret+"/seen?"+s.after()); a.Status != 404 || a.problem() != "entry_not_found" {
				t.Errorf("who has seen what was before: %s", a)
			}
			if page := read[readapi.Messages](t, s.get("Dora", of+"/messages?cursor="+newest.NextCursor+"&"+s.after())); len(page.Messages) > 0 {
				t.Errorf("by the cursor of somebody else: %+v", page)
			}
		}
		look()
		s.see("Dora", request, secret)
		s.see("Ben", request, secret)
		if seen := read[readapi.Seen](t, s.get("Anna", of+"/entries/"+secret+"/seen?"+s.after())); len(seen.By) != 1 || seen.By[0].Name != "Ben" {
			t.Errorf("seen by %+v, want Ben alone", seen)
		}
		s.write("Ben", request, "please come on Monday")
		look("please come on Monday")

		// Shared anew with all of it, everything is there, and waits.
		s.done("Anna", "DELETE", "/v1/maintenance-requests/"+request+"/shares/"+idOf("Dora").String(), nil)
		if a := s.get("Dora", of+"/messages?"+s.after()); a.Status != 404 {
			t.Errorf("after it was unshared: %s", a)
		}
		if got := s.search("Dora", "monday"); len(got) > 0 {
			t.Errorf("after it was unshared a search finds %q", got)
		}
		s.shareWith("Dora", request, "all")
		if got := s.search("Dora", "code"); len(got) != 1 {
			t.Errorf("of the whole history a search finds %q", got)
		}
		if head := read[readapi.ChannelHead](t, s.get("Dora", of+"?"+s.after())); head.Unread != 3 {
			t.Errorf("of the whole history %d wait, want 3", head.Unread)
		}
	})
}

// P24: what somebody has seen they have seen then, also where they left and came
// back, and it does not wait for them again.
func TestP24WhoComesBackSawItWhenTheySawItFirst(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		request := s.submit("The lock", "the door does not lock")
		s.shareWith("Dora", request, "all")
		message := s.write("Anna", request, "who can come on Monday?")
		s.see("Dora", request, message)
		seen := "/v1/channels/" + request + "/entries/" + message + "/seen?"
		before := s.get("Anna", seen+s.after())
		s.done("Anna", "DELETE", "/v1/maintenance-requests/"+request+"/shares/"+idOf("Dora").String(), nil)
		s.shareWith("Dora", request, "all")
		s.see("Dora", request, message)
		if after := s.get("Anna", seen+s.after()); string(after.Body) != string(before.Body) {
			t.Errorf("seen by %s, and before by %s", after, before)
		}
		if head := read[readapi.ChannelHead](t, s.get("Dora", "/v1/channels/"+request+"?"+s.after())); head.Unread != 1 {
			t.Errorf("%d wait, want the description alone", head.Unread)
		}
	})
}

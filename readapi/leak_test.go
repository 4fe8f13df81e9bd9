package readapi_test

import (
	"fmt"
	"slices"
	"testing"

	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

// P18: what is addressed to others is in no number, on no page and behind no
// cursor, whatever one searches or filters for.
func TestP18CountsAndPagesOfABoardLeakNothing(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		var theirs string
		for i := range 4 {
			s.publish(fmt.Sprint("for all ", i), "hello")
			theirs = s.publish(fmt.Sprint("for Ben ", i), "the secret code", "elm 4")
		}
		comment := s.comment("Ben", theirs, "a secret comment")
		all := []string{"for all 3", "for all 2", "for all 1", "for all 0"}
		for _, limit := range []int{1, 2, 3, 4, 5, 100} {
			if got := s.posts("Cleo", fmt.Sprint("limit=", limit)); !slices.Equal(got, all) {
				t.Errorf("pages of %d: %q", limit, got)
			}
		}
		full := read[readapi.Posts](t, s.get("Cleo", "/v1/boards/"+annasBoard()+"/posts?limit=4&"+s.after()))
		if len(full.Posts) != 4 || full.NextCursor != "" {
			t.Errorf("the last page says that there is more: %+v", full)
		}
		heads := read[readapi.Boards](t, s.get("Cleo", "/v1/boards?"+s.after()))
		if b := heads.Boards[0]; b.Posts != 4 || b.Unread != 4 || !b.LastActivity.Equal(full.Posts[0].At) {
			t.Errorf("of the board: %+v", b)
		}
		if line := read[readapi.Inbox](t, s.get("Cleo", "/v1/inbox?section=board&"+s.after())).Channels[0]; line.LastMessage.Text != "for all 3" || line.Unread != 4 {
			t.Errorf("in the inbox: %+v, %+v", line, line.LastMessage) // P19
		}
		for _, query := range []string{"text=secret", "text=ben", "category=job", "from=2026-03-02T00:00:00Z"} {
			if got := s.posts("Cleo", query+"&limit=1"); len(got) > 0 {
				t.Errorf("%s finds %q", query, got)
			}
		}
		if got := s.posts("Cleo", "limit=3&property="+idOf("elm 4").String()); len(got) > 0 {
			t.Errorf("by the property of others: %q", got) // to whom else a post is addressed
		}
		// By the cursor of somebody who sees more one sees no more.
		first := read[readapi.Posts](t, s.get("Ben", "/v1/boards/"+annasBoard()+"/posts?limit=1&"+s.after()))
		if got := s.posts("Cleo", "limit=10&cursor="+first.NextCursor); !slices.Equal(got, all) {
			t.Errorf("by the cursor of somebody else: %q", got)
		}
		// What is hidden looks like what never was.
		for _, path := range []string{"/v1/posts/%s?", "/v1/posts/%s/comments?", "/v1/channels/%s/entries/" + comment + "/seen?", "/v1/channels/%s?"} {
			hidden, never := s.get("Cleo", fmt.Sprintf(path, theirs)+s.after()), s.get("Cleo", fmt.Sprintf(path, "post-"+nowhere()))
			if hidden.Status != 404 || string(hidden.Body) != string(never.Body) {
				t.Errorf("%s: %s, and of what never was %s", path, hidden, never)
			}
		}
		hidden, never := s.get("Emil", "/v1/boards/"+annasBoard()+"/posts?"+s.after()), s.get("Emil", "/v1/boards/board-"+nowhere()+"/posts")
		if hidden.Status != 404 || string(hidden.Body) != string(never.Body) {
			t.Errorf("a board: %s, and one that never was %s", hidden, never)
		}
	})
}

// P18: a request is there for who shares it, by no filter for anybody else, and a
// search finds what one may read.
func TestP18RequestsAndSearchLeakNothing(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		request := s.submit("The lock", "the door does not lock, code 4711")
		s.write("Anna", channelOf("Anna", "Ben"), "another code: 4712")
		s.comment("Ben", s.publish("Codes", "to all"), "my code is 4713")
		for _, name := range []string{"Cleo", "Dora", "Emil"} {
			for _, query := range []string{"", "&status=new", "&property=" + idOf("elm 4").String(), "&person=" + idOf("Ben").String(), "&person=" + idOf("Anna").String()} {
				if got := s.column(name, "/v1/maintenance-requests?limit=1"+query, "requests", "title"); len(got) > 0 {
					t.Errorf("%s finds %q by %q", name, got, query)
				}
			}
			for _, query := range []string{"text=code", "text=4711", "text=code&channel=" + request, "text=code&channel=" + channelOf("Anna", "Ben")} {
				if got := s.column(name, "/v1/messages?limit=1&"+query, "messages", "text"); len(got) > 0 {
					t.Errorf("%s finds %q by %s", name, got, query)
				}
			}
		}
		if got := s.search("Ben", "code"); len(got) != 2 {
			t.Errorf("one of them finds %q", got)
		}
	})
}

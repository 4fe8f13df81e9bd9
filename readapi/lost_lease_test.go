package readapi_test

import (
	"slices"
	"testing"
	"time"

	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

// P13, P16: a lease that is over, however, takes the board along at once and on
// every route, whatever was kept of it, and of its unread nothing stays.
func TestP13ALostLeaseTakesTheBoardAtOnce(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		for how, lose := range map[string]func(s *site, lease string){
			"ended by command": func(s *site, lease string) {
				s.done("Anna", "DELETE", "/v1/connections/"+channelOf("Anna", "Ben")+"/leases/"+lease, nil)
			},
			"over by date, without an event": func(s *site, _ string) { s.at("2026-04-16") },
			"ended as the two disconnect": func(s *site, _ string) {
				s.done("Ben", "DELETE", "/v1/connections/"+channelOf("Anna", "Ben"), nil)
			},
		} {
			t.Run(how, func(t *testing.T) {
				s := building(t)
				lease := s.lease("Ben", "oak 1", "2026-03-01", "2026-04-15")
				s.at("2026-04-15") // the last day, when that of elm 4 is over
				post := s.publish("Water", "there is none on Friday", "oak 1", "elm 4")
				comment := s.comment("Cleo", s.publish("To all", "hello"), "hello")
				mine := s.comment("Ben", post, "thank you")
				s.see("Anna", post, mine)
				gone := []string{
					"/v1/posts/" + post + "?", "/v1/posts/" + post + "/comments?", "/v1/channels/" + post + "/entries/" + mine + "/seen?",
					"/v1/boards/" + annasBoard() + "/posts?", "/v1/boards/" + annasBoard() + "/posts?text=water", "/v1/channels/" + annasBoard() + "?",
				}
				for _, path := range gone {
					if a := s.get("Ben", path+s.after()); a.Status != 200 {
						t.Fatalf("%s before: %s", path, a)
					}
				}
				unread := func() (bubble, boards int, sections []string) {
					me := read[readapi.Me](t, s.get("Ben", "/v1/me?"+s.after()))
					for _, section := range me.Sections {
						sections = append(sections, section.Section)
					}
					counts := read[readapi.Unread](t, s.get("Ben", "/v1/unread?"+s.after()))
					list := read[readapi.Boards](t, s.get("Ben", "/v1/boards?"+s.after()))
					if counts.Total != me.Unread {
						t.Errorf("the bubble is %d and %d", me.Unread, counts.Total)
					}
					return me.Unread, len(list.Boards), sections
				}
				if bubble, boards, sections := unread(); bubble != 2 || boards != 1 || !slices.Contains(sections, "board") {
					t.Fatalf("before: %d unread, %d boards, sections %q", bubble, boards, sections)
				}
				lose(s, lease)
				for _, path := range gone {
					if a := s.get("Ben", path+s.after()); a.Status != 404 {
						t.Errorf("%s: %s", path, a)
					}
				}
				if bubble, boards, sections := unread(); bubble != 0 || boards != 0 || slices.Contains(sections, "board") {
					t.Errorf("after: %d unread, %d boards, sections %q", bubble, boards, sections)
				}
				if got := s.column("Ben", "/v1/inbox?section=board", "channels", "channel"); len(got) > 0 {
					t.Errorf("the inbox has %q", got)
				}
				// Those who stay keep it, with what the other one wrote.
				s.at("2026-03-31")
				if got := s.posts("Cleo", "limit=5"); !slices.Equal(got, []string{"To all"}) {
					t.Errorf("the neighbour sees %q", got)
				}
				if got := s.column("Anna", "/v1/posts/"+post+"/comments?limit=5", "comments", "comment"); !slices.Equal(got, []string{mine}) {
					t.Errorf("the landlord sees %q and not %q, nor %q", got, mine, comment)
				}
			})
		}
	})
}

// A post counts from the moment on at which the lease was shared, or at which its
// first day begins, and an older one is there all the same.
func TestPostsFromBeforeTheLeaseAreThereAndDoNotCount(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		clock := func(now time.Time) { // of the next command
			s.seconds.Add(int64(now.Sub(s.clock())/time.Second) - 1)
			s.today.Store(&now)
		}
		midnight := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
		s.publish("before it was shared", "x", "oak 1")
		s.lease("Ben", "oak 1", "2026-03-01", "2026-12-31")
		shared := s.clock()
		clock(shared)
		s.publish("as it was shared", "x", "oak 1")
		s.lease("Ben", "oak 2", "2026-03-05", "2026-12-31")
		clock(midnight.Add(-time.Second))
		s.publish("before the first day", "x", "oak 2")
		if got := s.posts("Ben", "limit=2"); slices.Contains(got, "before the first day") {
			t.Errorf("before the first day: %q", got)
		}
		clock(midnight)
		s.publish("as the first day begins", "x", "oak 2")
		want := map[string]bool{"before it was shared": false, "as it was shared": true, "before the first day": false, "as the first day begins": true}
		page := read[readapi.Posts](t, s.get("Ben", "/v1/boards/"+annasBoard()+"/posts?"+s.after()))
		for _, p := range page.Posts {
			if unread, ok := want[p.Title]; !ok || p.Unread != unread {
				t.Errorf("%q: unread %v", p.Title, p.Unread)
			}
		}
		if head := read[readapi.ChannelHead](t, s.get("Ben", "/v1/channels/"+annasBoard()+"?"+s.after())); len(page.Posts) != 4 || head.Unread != 2 {
			t.Errorf("%d posts, of which %d count", len(page.Posts), head.Unread)
		}
	})
}

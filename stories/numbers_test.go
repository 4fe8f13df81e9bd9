package stories

import (
	"maps"
	"slices"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain"
	"lobby.example/projections"
	"lobby.example/readapi"
)

// checkNumbers compares every number of unread entries that anybody is shown with
// the entries themselves (P01, P03, P06, P22).
func (s *teller) checkNumbers(line string) {
	head, err := s.log.Head(s.t.Context())
	s.must(err)
	told := head.String() + string(domain.DateOf(s.now()))
	if told == s.told { // nothing has happened
		return
	}
	s.told = told
	for _, first := range slices.Sorted(maps.Keys(s.people)) {
		r := &reading{teller: s, first: first, token: s.token(s.id(first), false)}
		if s.read(r.token, "/me").status == 401 { // not registered, or not active any more
			continue
		}
		if diff := r.disagreements(); diff != "" {
			s.t.Errorf("after %q: %s is shown other numbers (+) than there are unread entries (-):\n%s", line, first, diff)
		}
	}
}

// reading is what one person reads.
type reading struct {
	*teller
	first, token string
}

func (r *reading) get(path string, into any) {
	r.t.Helper()
	a := r.read(r.token, path)
	if !a.ok() {
		r.t.Fatalf("%s reads %s: %s", r.first, path, a.body)
	}
	r.must(a.decode(into))
}

// numbers are those of all channels, wherever they are shown.
type numbers struct {
	Inbox, Bubble, Boards, Requests map[string]int
	MySections, InboxSections       []readapi.Section
	Me, Total                       int
}

// disagreements are the differences between what is counted and what is shown.
func (r *reading) disagreements() string {
	var me readapi.Me
	var bubble readapi.Unread
	var inbox readapi.Inbox
	var boards readapi.Boards
	var requests readapi.Requests
	r.get("/me", &me)
	r.get("/unread", &bubble)
	r.get("/inbox?limit=100", &inbox)
	r.get("/boards", &boards)
	r.get("/maintenance-requests?limit=100", &requests)
	shown := numbers{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, me.Sections, inbox.Sections, me.Unread, bubble.Total}
	want := numbers{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, []readapi.Section{}, nil, 0, 0}
	for _, b := range boards.Boards {
		shown.Boards[b.Board] = b.Unread
	}
	for _, q := range requests.Requests {
		shown.Requests[q.Request] = q.Unread
	}
	for _, c := range bubble.Channels {
		shown.Bubble[c.Channel] = c.Unread
	}
	bySection := map[string]int{}
	for _, c := range inbox.Channels {
		var head readapi.ChannelHead
		r.get("/channels/"+c.Channel, &head)
		if diff := cmp.Diff(c.ChannelHead, head); diff != "" {
			r.t.Errorf("%s sees a channel otherwise than in the inbox:\n%s", r.first, diff)
		}
		shown.Inbox[c.Channel] = c.Unread
		var unread int
		switch c.Section {
		case projections.Board:
			unread = r.onBoard(c.Channel)
			want.Boards[c.Channel] = unread
		case projections.Maintenance:
			unread = r.inChannel(c.Channel)
			want.Requests[c.Channel] = unread
		default:
			unread = r.inChannel(c.Channel)
		}
		want.Inbox[c.Channel] = unread
		if unread > 0 || c.MarkedUnread {
			want.Bubble[c.Channel] = unread
		}
		if c.Muted {
			unread = 0
		}
		bySection[c.Section] += unread
		want.Me += unread
	}
	for _, section := range sections {
		if n, ok := bySection[section]; ok {
			want.MySections = append(want.MySections, readapi.Section{Section: section, Unread: n})
		}
	}
	want.InboxSections, want.Total = want.MySections, want.Me
	return cmp.Diff(want, shown)
}

// inChannel counts the unread messages of a channel.
func (r *reading) inChannel(channel string) (unread int) {
	var page readapi.Messages
	r.get("/channels/"+channel+"/messages?limit=100", &page)
	for _, m := range page.Messages {
		if m.Unread {
			unread++
			r.notOwn(m.Author)
		}
	}
	return unread
}

// onBoard counts the unread posts of a board, and the comments that wait for its
// landlord.
func (r *reading) onBoard(board string) (unread int) {
	var page readapi.Posts
	r.get("/boards/"+board+"/posts?limit=100", &page)
	for _, p := range page.Posts {
		if p.Unread {
			unread++
			r.notOwn(p.Author.Person)
		}
		var comments readapi.Comments
		r.get("/posts/"+p.Post+"/comments?limit=100", &comments)
		waiting := 0
		for _, c := range comments.Comments {
			if c.Unread {
				waiting++
				r.notOwn(c.Author.Person)
			}
		}
		if p.UnreadComments != waiting || p.Comments != len(comments.Comments) {
			r.t.Errorf("%s has %d comments, %d of them unread, on a post that says %d, %d", r.first, len(comments.Comments), waiting, p.Comments, p.UnreadComments)
		}
		unread += waiting
	}
	return unread
}

// notOwn complains about an own entry that waits for its author.
func (r *reading) notOwn(author string) {
	if author == r.id(r.first).String() {
		r.t.Errorf("%s has not read an own entry", r.first)
	}
}

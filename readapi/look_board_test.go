package readapi_test

import (
	"net/url"
	"slices"
	"time"

	"lobby.example/readapi"
)

// boards are seen by who has an active lease, and what is on them by whom it is
// addressed to: lists, searches and filters never show or count more (P13, P18).
func (l *look) boards() {
	t, who, f := l.t, l.who, l.filter
	for _, landlord := range t.people {
		if landlord.role != "landlord" {
			continue
		}
		path := "/v1/channels/" + boardOf(landlord)
		if r, ok := t.boardRoom(who, landlord); ok {
			l.same(path, t.head(who, r))
		} else {
			l.missing(path, "channel_not_found")
		}
		l.missing(path+"/messages", "channel_not_found")
		path = "/v1/boards/" + boardOf(landlord) + "/posts"
		posts, visits := t.board(who, landlord)
		if !visits {
			l.missing(path, "channel_not_found")
			l.missing(path+"?text="+url.QueryEscape(f.text), "channel_not_found")
			continue
		}
		filtered := func(query string, wanted func(*notice) bool) {
			var want []readapi.BoardPost
			for _, n := range posts {
				if wanted(n) {
					want = append(want, t.post(who, n))
				}
			}
			list(l, path+"?"+query, "posts", want)
		}
		filtered("", func(*notice) bool { return true })
		filtered("text="+url.QueryEscape(f.text), func(n *notice) bool { return has(n.title+"\n"+n.body, f.text) })
		filtered("category="+f.category, func(n *notice) bool { return n.category == f.category })
		filtered("property="+f.property, func(n *notice) bool {
			// To whom else a post is addressed is for its landlord only.
			mine := n.landlord == who || slices.ContainsFunc(t.leases(who, n.landlord), func(l *lease) bool { return l.property == f.property })
			return mine && (n.all || slices.Contains(n.properties, f.property))
		})
		filtered("author="+f.person.id, func(n *notice) bool { return n.landlord == f.person })
		if f.from < len(t.notices) {
			at := t.notices[f.from].at
			filtered("from="+at.Format(time.RFC3339), func(n *notice) bool { return !n.at.Before(at) })
			filtered("until="+at.Format(time.RFC3339), func(n *notice) bool { return n.at.Before(at) })
		}
	}
}

// post is about one, and its comments. Who has seen a post is for its landlord.
// Who saw a comment stays known, though the comment was removed (P24).
func (l *look) post(n *notice) {
	path, of := "/v1/posts/"+n.channel, "/v1/channels/"+n.channel
	l.missing(of, "channel_not_found")
	l.missing(of+"/messages", "channel_not_found")
	sees := l.t.sees(l.who, n)
	if !sees {
		l.missing(path, "post_not_found")
		l.missing(path+"/comments", "post_not_found")
	} else {
		l.same(path, l.t.post(l.who, n))
		list(l, path+"/comments", "comments", n.comments(l.who))
	}
	if seen := of + "/entries/" + n.id + "/seen"; sees && l.who == n.landlord {
		list(l, seen, "by", seenBy(n.seen))
	} else {
		l.missing(seen, "post_not_found")
	}
	for _, e := range n.entries {
		switch seen := of + "/entries/" + e.id + "/seen"; {
		case !sees:
			l.missing(seen, "post_not_found")
		case e.gone && len(e.seen) == 0:
			l.missing(seen, "entry_not_found")
		default:
			list(l, seen, "by", seenBy(e.seen))
		}
	}
}

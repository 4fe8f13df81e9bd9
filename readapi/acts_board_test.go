package readapi_test

import (
	"slices"
)

var categories = []string{"job", "for_sale", "wanted", "lost_and_found", "notice", "announcement"}

// boardAct is what people do on boards.
func (l *life) boardAct() act {
	if len(l.notices) == 0 || l.once("a new post", 4) {
		return l.publish()
	}
	n := among(l, "post", l.notices)
	if n == nil {
		n = &notice{id: nowhere(), landlord: &resident{}, removed: true}
		n.channel = "post-" + n.id
	}
	who := l.member([]*resident{n.landlord, n.landlord, l.of("tenant")})
	if who.id == "" {
		who = l.anybody()
	}
	switch k := l.number("board", 30); {
	case k < 9:
		return l.comment(who, n)
	case k < 15:
		return l.seePost(who, n)
	case k < 18:
		return l.deleteComment(who, n)
	case k < 20:
		return l.removeComment(who, n)
	case k < 23:
		return l.edit(who, n)
	case k < 26:
		return l.own(who, n, one(l, "pin", []string{"PUT", "DELETE"}), "/pin", &n.pinned)
	case k < 29:
		return l.own(who, n, one(l, "comments", []string{"PUT", "DELETE"}), "/commenting", &n.open)
	}
	a := l.own(who, n, "DELETE", "", nil)
	if a.refused == "post_removed" {
		a.refused = ""
	} else {
		a.then = func(done) { n.removed = true }
	}
	return a
}

func (l *life) publish() act {
	who := l.of("landlord")
	if l.once("by anybody", 8) {
		who = l.anybody()
	}
	n := &notice{landlord: who, category: one(l, "category", categories), title: one(l, "title", texts), body: one(l, "body", texts),
		all: l.once("to all", 2), open: !l.once("closed", 4)}
	audience := map[string]any{"all": n.all}
	if !n.all {
		for _, p := range l.properties {
			if l.once("to property", 2) {
				n.properties = append(n.properties, p)
			}
		}
		audience["properties"] = slices.Clone(n.properties)
	}
	a := act{who: who, method: "POST", path: "/v1/posts", body: map[string]any{"category": n.category, "title": n.title, "body": n.body,
		"audience": audience, "comments": n.open}}
	if who.role != "landlord" {
		a.refused = "not_a_landlord"
	} else if !n.all && len(n.properties) == 0 {
		a.refused = "no_property"
	}
	a.then = func(d done) {
		n.id, n.channel, n.at, n.activity = d.id, "post-"+d.id, d.at, d.at
		l.notices = append(l.notices, n)
	}
	return a
}

// mine is what only the landlord of a board may do is refused with.
func (l *life) mine(who *resident, n *notice) string {
	switch {
	case n.landlord != who && l.sees(who, n):
		return "not_the_landlord"
	case n.landlord != who:
		return "post_not_found"
	case n.removed:
		return "post_removed"
	}
	return ""
}

// visited is the same for who sees the post.
func (l *life) visited(who *resident, n *notice) string {
	if l.sees(who, n) {
		return ""
	}
	return l.mine(who, n)
}

// own sets what only the landlord of the board does, in the way of REST.
func (l *life) own(who *resident, n *notice, method, path string, set *bool) act {
	a := act{who: who, method: method, path: "/v1/posts/" + n.channel + path, refused: l.mine(who, n)}
	if set != nil && *set != (method == "PUT") {
		a.then = func(done) { *set = method == "PUT" }
	}
	return a
}

// edit changes what is said, and reopens nothing.
func (l *life) edit(who *resident, n *notice) act {
	category, title, body := one(l, "category", categories), one(l, "title", texts), one(l, "body", texts)
	a := act{who: who, method: "PUT", path: "/v1/posts/" + n.channel, refused: l.mine(who, n),
		body: map[string]any{"category": category, "title": title, "body": body}}
	if category != n.category || title != n.title || body != n.body {
		a.then = func(d done) { n.category, n.title, n.body, n.edited = category, title, body, &d.at }
	}
	return a
}

func (l *life) comment(who *resident, n *notice) act {
	text := one(l, "text", texts)
	a := act{who: who, method: "POST", path: "/v1/posts/" + n.channel + "/comments", body: map[string]any{"text": text}, refused: l.visited(who, n)}
	if a.refused == "" && !n.open {
		a.refused = "comments_closed"
	}
	a.then = func(d done) { n.write(who, text, d) }
	return a
}

func (l *life) deleteComment(who *resident, n *notice) act {
	e := among(l, "comment", n.entries)
	if e != nil && l.once("by its author", 2) {
		who = e.author
	}
	id := idOfEntry(e)
	a := act{who: who, method: "DELETE", path: "/v1/posts/" + n.channel + "/comments/" + id, refused: l.visited(who, n)}
	if a.refused == "" {
		if a.refused, e = n.deletes(who, id); e != nil && !e.gone {
			a.then = func(done) { e.gone = true }
		}
	}
	return a
}

// removeComment is for the landlord, seen or not.
func (l *life) removeComment(who *resident, n *notice) act {
	e := among(l, "comment", n.entries)
	a := act{who: who, method: "POST", path: "/v1/posts/" + n.channel + "/comments/" + idOfEntry(e) + "/remove", refused: l.mine(who, n)}
	if a.refused == "" && e == nil {
		a.refused = "entry_not_found"
	} else if e != nil && !e.gone {
		a.then = func(done) { e.gone = true }
	}
	return a
}

// seePost: the landlord sees comments, and everybody else the post.
func (l *life) seePost(who *resident, n *notice) act {
	named := l.named(&n.thread)
	entries := ids(named)
	whole := !l.once("not the post", 6)
	if whole {
		entries = append(entries, n.id)
	}
	a := act{who: who, method: "POST", path: "/v1/channels/" + n.channel + "/seen", body: map[string]any{"entries": entries}, refused: l.visited(who, n)}
	switch {
	case a.refused != "":
	case who == n.landlord:
		a.sees(who, named)
	case !whole:
		a.refused = "not_the_post"
	case sightOf(n.seen, who) == nil:
		a.then = func(d done) { n.seen = append(n.seen, sight{who, d.at, d.revision}) }
	}
	return a
}

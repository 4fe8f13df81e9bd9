package readapi_test

import (
	"slices"
)

// texts are what people write, in several scripts, and words are looked for.
var (
	texts = []string{"The heating leaks", "leaking again", "кран течет", "Heizung <b>kalt</b>", "漏水", "ok"}
	words = []string{"leak", "LEAKING", "heat", "кран", "水", "漏水", "heating the", "nothing", "kalt b"}
)

// thread is a channel that has messages, and who is in each.
func (l *life) thread() (name string, all *thread, members []*resident) {
	if p := l.pairs; len(l.jobs) == 0 || l.once("a pair", 2) {
		some := among(l, "pair", p)
		if some == nil {
			return "connection-" + nowhere(), &thread{}, nil
		}
		return some.channel, &some.thread, some.two[:]
	}
	j := among(l, "request", l.jobs)
	if j == nil {
		return "maintenance-" + nowhere(), &thread{}, nil
	}
	members = []*resident{j.landlord}
	for _, s := range j.shares {
		members = append(members, s.with)
	}
	return j.channel, &j.thread, members
}

// member is usually one of those who are in it.
func (l *life) member(members []*resident) *resident {
	if len(members) == 0 || l.once("a stranger", 8) {
		return l.anybody()
	}
	return one(l, "member", members)
}

func (l *life) messageAct() act {
	name, all, members := l.thread()
	who := l.member(members)
	path := "/v1/channels/" + name
	switch n := l.number("message", 20); {
	case n < 7:
		return l.send(who, name, all)
	case n < 13:
		return l.see(who, name, all)
	case n < 15:
		e := among(l, "message", all.entries)
		if e != nil && l.once("by its author", 2) {
			who = e.author
		}
		id := idOfEntry(e)
		a := act{who: who, method: "DELETE", path: path + "/messages/" + id, refused: "channel_not_found"}
		if _, ok := l.room(who, name); ok {
			if a.refused, e = all.deletes(who, id); e != nil && !e.gone {
				a.then = func(done) { e.gone = true }
			}
		}
		return a
	case n < 18:
		return l.flag("mute", "muted", l.muted, who, name)
	}
	return l.flag("unread", "unread", l.marked, who, name)
}

func idOfEntry(e *entry) string {
	if e == nil {
		return nowhere()
	}
	return e.id
}

func (l *life) send(who *resident, name string, all *thread) act {
	text := one(l, "text", texts)
	a := act{who: who, method: "POST", path: "/v1/channels/" + name + "/messages", body: map[string]any{"text": text}}
	switch r, ok := l.room(who, name); {
	case !ok:
		a.refused = "channel_not_found"
	case !r.open && r.job == nil:
		a.refused = "not_connected"
	case !r.open:
		a.refused = "request_closed"
	}
	a.then = func(d done) { all.write(who, text, d) }
	return a
}

func (t *thread) write(who *resident, text string, d done) {
	t.activity = d.at
	t.entries = append(t.entries, &entry{id: d.id, text: text, author: who, at: d.at, revision: d.revision})
}

// named is what somebody says that they have seen: all there ever was, or what may
// be their own, seen, deleted, hidden or of nowhere.
func (l *life) named(all *thread) []*entry {
	if len(all.entries) > 0 && l.once("all", 3) {
		return slices.Clone(all.entries)
	}
	return []*entry{among(l, "seen", all.entries), among(l, "seen", all.entries), among(l, "seen", all.entries)}
}

// see: what is seen is what the person sees and did not write.
func (l *life) see(who *resident, name string, all *thread) act {
	named := l.named(all)
	a := act{who: who, method: "POST", path: "/v1/channels/" + name + "/seen", body: map[string]any{"entries": ids(named)}}
	r, ok := l.room(who, name)
	if !ok {
		a.refused = "channel_not_found"
	}
	a.sees(who, slices.DeleteFunc(named, func(e *entry) bool { return !slices.Contains(r.entries, e) }))
	return a
}

func ids(entries []*entry) (ids []string) {
	for _, e := range entries {
		ids = append(ids, idOfEntry(e))
	}
	return ids
}

func (a *act) sees(who *resident, entries []*entry) {
	for _, e := range entries {
		if e != nil && e.waits(who) {
			then := a.then
			a.then = func(d done) {
				if then != nil {
					then(d)
				}
				if e.waits(who) {
					e.seen = append(e.seen, sight{who, d.at, d.revision})
				}
			}
		}
	}
}

// flag sets one's own flag of a channel or board that is there.
func (l *life) flag(path, field string, flags map[setting]bool, who *resident, name string) act {
	there := false
	if l.once("a board", 2) {
		landlord := l.of("landlord")
		name = boardOf(landlord)
		_, there = l.board(who, landlord)
	} else {
		_, there = l.room(who, name)
	}
	on := l.once("on", 2)
	a := act{who: who, method: "PUT", path: "/v1/channels/" + name + "/" + path, body: map[string]any{field: on}}
	if f := (setting{who, name}); !there {
		a.refused = "channel_not_found"
	} else if flags[f] != on {
		a.then = func(done) { flags[f] = on }
	}
	return a
}

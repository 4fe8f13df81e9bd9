package readapi_test

import (
	"time"

	"lobby.example/domain"
)

// pairAct is what two people do about their connection, and a landlord about
// leases.
func (l *life) pairAct() act {
	who := l.anybody()
	other := one(l, "whom", l.people)
	if who == other || l.once("a usual pair", 2) {
		who, other = l.of("landlord"), l.of("tenant")
		if l.once("turned", 3) {
			who, other = other, who
		}
	}
	switch n := l.number("pair", 20); {
	case n < 4:
		return l.invite(who, other)
	case n < 8:
		return l.accept(who, other)
	case n < 9:
		return l.decline(who, other)
	case n < 11:
		return l.disconnect(who, other)
	case n < 17:
		return l.shareLease(who, other)
	}
	return l.endLease(who, other)
}

func pathOf(who, other *resident) string { return "/v1/connections/" + channelBetween(who, other) }

func (l *life) invite(who, other *resident) act {
	a := act{who: who, method: "POST", path: "/v1/connections", body: map[string]any{"person": other.id}}
	p := l.between(who, other)
	switch {
	case !other.active:
		a.refused = "person_not_found"
	case p.connected(), p != nil && p.status == "invited" && p.inviter == who:
	case p != nil && p.status == "invited":
		a.then = p.connect
	default:
		a.then = func(d done) {
			if p == nil {
				p = &pair{two: [2]*resident{who, other}, thread: thread{channel: channelBetween(who, other)}}
				l.pairs = append(l.pairs, p)
			}
			p.status, p.inviter, p.since = "invited", who, d.at
		}
	}
	return a
}

func (p *pair) connect(d done) {
	p.status, p.since, p.activity, p.began = "connected", d.at, d.at, true
}

// answers is what both answers to an invitation are refused with.
func (p *pair) answers(who *resident, already string) string {
	switch {
	case !p.has(who):
		return "channel_not_found"
	case p.status == "invited" && p.inviter == who:
		return "own_invitation"
	case p.status == already || p.status == "invited":
		return ""
	}
	return "no_invitation"
}

func (l *life) accept(who, other *resident) act {
	p := l.between(who, other)
	a := act{who: who, method: "POST", path: pathOf(who, other) + "/accept", refused: p.answers(who, "connected")}
	if a.refused == "" && !p.connected() {
		a.then = p.connect
	}
	return a
}

func (l *life) decline(who, other *resident) act {
	p := l.between(who, other)
	a := act{who: who, method: "POST", path: pathOf(who, other) + "/decline", refused: p.answers(who, "declined")}
	if a.refused == "" && p.status != "declined" {
		a.then = func(d done) { p.status, p.since = "declined", d.at }
	}
	return a
}

// disconnect ends the leases of the two.
func (l *life) disconnect(who, other *resident) act {
	p := l.between(who, other)
	a := act{who: who, method: "DELETE", path: pathOf(who, other)}
	if !p.has(who) {
		a.refused = "channel_not_found"
	} else if p.connected() || p.status == "invited" {
		a.then = func(d done) {
			p.status, p.since = "disconnected", d.at
			for _, lease := range p.leases {
				lease.ended = true
			}
		}
	}
	return a
}

// landlords is what sharing or ending a lease is refused with, whoever the tenant is.
func (p *pair) landlords(who *resident) string {
	switch {
	case !p.has(who):
		return "channel_not_found"
	case who.role != "landlord":
		return "not_the_landlord"
	}
	return ""
}

// shareLease is about some days around this one.
func (l *life) shareLease(who, other *resident) act {
	return l.lets(who, other, one(l, "property", l.properties), l.number("first day", 13)-8, l.number("last day", 23)-2)
}

func (l *life) lets(who, other *resident, property string, first, last int) act {
	p := l.between(who, other)
	new := &lease{property: property, start: string(domain.DateOf(l.now.AddDate(0, 0, first))), end: string(domain.DateOf(l.now.AddDate(0, 0, last)))}
	a := act{who: who, method: "POST", path: pathOf(who, other) + "/leases", refused: p.landlords(who),
		body: map[string]any{"property": new.property, "property_name": "Elm Street 4", "start": new.start, "end": new.end}}
	switch {
	case a.refused != "":
		return a
	case new.end < new.start:
		a.refused = "ends_before_start"
	case new.end < l.day():
		a.refused = "lease_over"
	case !p.connected():
		a.refused = "not_connected"
	case other.role != "tenant":
		a.refused = "not_a_tenant"
	}
	for _, old := range p.leases {
		if a.refused == "" && !old.ended && old.property == new.property && old.start <= new.end && new.start <= old.end {
			a.refused = "lease_overlaps"
		}
	}
	a.then = func(d done) {
		first, _ := time.Parse(time.DateOnly, new.start)
		new.id, new.since = d.id, latest(d.at, first)
		p.leases = append(p.leases, new)
	}
	return a
}

func (l *life) endLease(who, other *resident) act {
	p := l.between(who, other)
	var some []*lease
	if p != nil {
		some = p.leases
	}
	lease := among(l, "lease", some)
	a := act{who: who, method: "DELETE", path: pathOf(who, other) + "/leases/", refused: p.landlords(who)}
	if lease == nil {
		a.path += nowhere()
		if a.refused == "" {
			a.refused = "lease_not_found"
		}
		return a
	}
	a.path += lease.id
	if a.refused == "" && !lease.ended {
		a.then = func(done) { lease.ended = true }
	}
	return a
}

// personAct is what somebody does about themselves.
func (l *life) personAct() act {
	who := l.anybody()
	path := "/v1/persons/" + who.id
	switch l.number("person", 4) {
	case 0:
		name := one(l, "name", []string{"Zoe", "Max", "anna", "Ben"})
		a := act{who: who, method: "PUT", path: path + "/profile", body: map[string]any{"name": name, "email": who.id + "@example.org"}}
		if name != who.name {
			a.then = func(done) { who.name = name }
		}
		return a
	case 1:
		copies, notification := l.once("copies", 2), l.once("notification", 2)
		a := act{who: who, method: "PUT", path: path + "/preferences", body: map[string]any{"email_copies": copies, "desktop_notifications": notification}}
		if copies != who.copies || notification != who.notification {
			a.then = func(done) { who.copies, who.notification = copies, notification }
		}
		return a
	}
	if !l.once("really", 3) {
		return l.invite(l.of("landlord"), l.of("tenant"))
	}
	return act{who: who, method: "DELETE", path: path, then: func(done) { who.active = false }}
}

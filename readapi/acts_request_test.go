package readapi_test

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// leadsTo are the steps of status that make sense.
var (
	statuses = []string{"new", "in_progress", "in_review", "resolved", "canceled", "archived"}
	leadsTo  = map[string]string{
		"new": "in_progress in_review resolved canceled", "in_progress": "in_review resolved canceled", "in_review": "in_progress resolved canceled",
		"resolved": "in_progress archived", "canceled": "archived", "archived": "",
	}
)

// requestAct is what people do about maintenance requests, beside writing.
func (l *life) requestAct() act {
	if len(l.jobs) == 0 || l.once("a new request", 4) {
		if l.once("opened", 2) {
			return l.open()
		}
		return l.submit()
	}
	j := among(l, "request", l.jobs)
	if j == nil {
		j = &job{landlord: &resident{}}
		j.channel = "maintenance-" + nowhere()
	}
	who := l.member([]*resident{j.landlord, j.landlord, j.landlord, l.of("tenant")})
	if who.id == "" {
		who = l.anybody()
	}
	switch n := l.number("request", 10); {
	case n < 5:
		return l.share(who, j)
	case n < 7:
		return l.unshare(who, j)
	}
	return l.setStatus(who, j)
}

// begin notes a new request, and its description, which is the first message.
func (l *life) begin(j *job, text string, by *resident) func(done) {
	return func(d done) {
		j.channel, j.opened, j.changed, j.status = "maintenance-"+d.id, d.at, d.at, "new"
		description := uuid.NewSHA1(uuid.MustParse(d.id), []byte("description")).String()
		j.write(by, text, done{id: description, revision: 1, at: d.at})
		l.jobs = append(l.jobs, j)
	}
}

func (l *life) open() act {
	who := l.of("landlord")
	if l.once("by anybody", 8) {
		who = l.anybody()
	}
	j := &job{landlord: who, title: one(l, "title", texts), property: one(l, "property", l.properties)}
	text := one(l, "text", texts)
	a := act{who: who, method: "POST", path: "/v1/maintenance-requests/open",
		body: map[string]any{"property": j.property, "property_name": "Elm Street 4", "title": j.title, "text": text}}
	if who.role != "landlord" {
		a.refused = "not_a_landlord"
	}
	a.then = l.begin(j, text, who)
	return a
}

func (l *life) submit() act {
	who, landlord := l.of("tenant"), l.of("landlord")
	j := &job{landlord: landlord, submitter: who, title: one(l, "title", texts), property: one(l, "property", l.properties), shares: []share{{with: who}}}
	if leases := l.leases(who, landlord); len(leases) > 0 && !l.once("not theirs", 6) {
		j.property = leases[0].property
	}
	text := one(l, "text", texts)
	a := act{who: who, method: "POST", path: "/v1/maintenance-requests",
		body: map[string]any{"connection": channelBetween(who, landlord), "property": j.property, "title": j.title, "text": text}}
	switch {
	case l.between(who, landlord) == nil:
		a.refused = "channel_not_found"
	case !slices.ContainsFunc(l.leases(who, landlord), func(lease *lease) bool { return lease.property == j.property }):
		a.refused = "no_active_lease"
	}
	a.then = l.begin(j, text, who)
	return a
}

// only is what a person is refused with what only the landlord does.
func (l *life) only(who *resident, j *job) string {
	switch {
	case l.shareOf(who, j) == nil:
		return "channel_not_found"
	case who != j.landlord:
		return "not_the_landlord"
	}
	return ""
}

// with is usually somebody with whom the request can be shared.
func (l *life) with(j *job) *resident {
	var some []*resident
	for _, r := range l.people {
		if l.between(r, j.landlord).connected() {
			some = append(some, r)
		}
	}
	if len(some) == 0 || l.once("with anybody", 6) {
		some = l.people
	}
	return one(l, "with", some)
}

func (l *life) share(who *resident, j *job) act {
	with := l.with(j)
	history := one(l, "history", []string{"all", "all", "from_now"})
	a := act{who: who, method: "PUT", path: "/v1/maintenance-requests/" + j.channel + "/shares/" + with.id, body: map[string]any{"history": history}, refused: l.only(who, j)}
	switch {
	case a.refused != "": // and whom there is does not matter
	case !with.active:
		a.refused = "person_not_found"
	case with == who:
		a.refused = "self_share"
	case !l.between(who, with).connected():
		a.refused = "not_connected"
	case with.role == "landlord":
		a.refused = "not_shareable"
	case j.sharedWith(with):
		return a
	case !j.open():
		a.refused = "request_closed"
	}
	a.then = func(d done) {
		s := share{with: with}
		if history == "from_now" {
			s.from = d.revision + 1
		}
		j.shares, j.activity = append(j.shares, s), d.at
	}
	return a
}

func (l *life) unshare(who *resident, j *job) act {
	with := l.with(j)
	a := act{who: who, method: "DELETE", path: "/v1/maintenance-requests/" + j.channel + "/shares/" + with.id, refused: l.only(who, j)}
	if j.sharedWith(with) {
		a.then = func(done) { j.shares = slices.DeleteFunc(j.shares, func(s share) bool { return s.with == with }) }
	}
	return a
}

func (l *life) setStatus(who *resident, j *job) act {
	status := one(l, "status", statuses)
	a := act{who: who, method: "PUT", path: "/v1/maintenance-requests/" + j.channel + "/status", body: map[string]any{"status": status}, refused: l.only(who, j)}
	if a.refused == "not_the_landlord" && who == j.submitter && status == "canceled" {
		a.refused = ""
	}
	switch {
	case a.refused != "" || status == j.status:
		return a
	case !slices.Contains(strings.Fields(leadsTo[j.status]), status):
		a.refused = "status_change"
	}
	a.then = func(d done) { j.status, j.changed, j.activity = status, d.at, d.at }
	return a
}

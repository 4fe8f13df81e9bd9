package readapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"lobby.example/readapi"
)

// look is one person looking at everything there is, at one moment.
type look struct {
	*site
	rt     *rapid.T
	t      *town
	who    *resident
	filter filters
	did    []string // how it came to this
}

// filters are what lists are asked for in one look by everybody.
type filters struct {
	text, category, property, status string
	person                           *resident
	from                             int // the post of which the time is meant
	limit                            int
}

func encoded(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

func (l *look) fail(path string, got, want any) {
	l.rt.Helper()
	l.rt.Fatalf("%s\n%s asks for %s and gets\n%s\nand should get\n%s", strings.Join(l.did, "\n"), l.who.key, path, got, want)
}

// ask asks twice: what is kept of the first answer is what the second one is.
func (l *look) ask(path string) answer {
	l.rt.Helper()
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	a := l.get(l.who.key, path+joint+l.after())
	if again := l.get(l.who.key, path); again.String() != a.String() || again.Header.Get("ETag") != a.Header.Get("ETag") {
		l.fail(path+" again", again, a)
	}
	return a
}

func (l *look) same(path string, want any) {
	l.rt.Helper()
	if a := l.ask(path); a.Status != 200 || string(bytes.TrimSpace(a.Body)) != encoded(want) {
		l.fail(path, a, encoded(want))
	}
}

// missing is what one may not see: it is as if it never was (P13, P18).
func (l *look) missing(path, code string) {
	l.rt.Helper()
	if a := l.ask(path); a.Status != 404 || a.problem() != code {
		l.fail(path, a, code)
	}
}

// list asks for all pages, of which each but the last is full.
func list[T any](l *look, path, field string, want []T) {
	l.rt.Helper()
	path = fmt.Sprint(path, map[bool]string{true: "&limit=", false: "?limit="}[strings.Contains(path, "?")], l.filter.limit)
	cursor := ""
	for at := 0; ; {
		a := l.ask(path + cursor)
		var page map[string]json.RawMessage
		var items []json.RawMessage
		var next string
		if a.Status == 200 {
			json.Unmarshal(a.Body, &page)
			json.Unmarshal(page[field], &items)
			json.Unmarshal(page["next_cursor"], &next)
		}
		rest := want[at:]
		n := min(len(rest), l.filter.limit)
		if a.Status != 200 || len(items) != n || string(page[field]) == "null" || (next != "") != (len(rest) > n) {
			l.fail(path+cursor, a, encoded(rest))
		}
		for i, item := range items {
			if string(item) != encoded(rest[i]) {
				l.fail(path+cursor, string(item), encoded(rest[i]))
			}
		}
		if at += n; next == "" {
			return
		}
		cursor = "&cursor=" + next
	}
}

// glance compares what shows all channels at once. All numbers have one source and
// so agree (P01, P06, P22).
func (l *look) glance() {
	t, who := l.t, l.who
	if !who.active {
		return
	}
	l.same("/v1/me", t.me(who))
	l.same("/v1/unread", t.unreadCounts(who))
	list(l, "/v1/inbox", "channels", t.inboxLines(who, ""))
	boards := t.boards(who)
	if boards == nil {
		boards = []readapi.BoardHead{}
	}
	l.same("/v1/boards", readapi.Boards{Boards: boards})
	list(l, "/v1/maintenance-requests", "requests", t.jobsOf(who, func(*job) bool { return true }))
}

// everything compares every read route.
func (l *look) everything() {
	t, who := l.t, l.who
	if !who.active {
		l.nothing()
		return
	}
	for _, section := range []string{"messages", "board", "maintenance"} {
		list(l, "/v1/inbox?section="+section, "channels", t.inboxLines(who, section))
	}
	var box readapi.Inbox
	json.Unmarshal(l.ask("/v1/inbox").Body, &box)
	if sections, _ := t.sections(who); encoded(box.Sections) != encoded(sections) {
		l.fail("the sections of /v1/inbox", encoded(box.Sections), encoded(sections))
	}
	for _, status := range []string{"connected", "invited", "inviting", "declined", "disconnected"} {
		list(l, "/v1/contacts?status="+status, "contacts", t.contacts(who, status))
	}
	for _, p := range t.pairs {
		l.channel(p.channel, &p.thread)
	}
	for _, j := range t.jobs {
		l.channel(j.channel, &j.thread)
	}
	l.requests()
	l.boards()
	for _, n := range t.notices {
		l.post(n)
	}
	text := "/v1/messages?text=" + url.QueryEscape(l.filter.text)
	list(l, text, "messages", t.found(who, l.filter.text, ""))
	for _, j := range t.jobs {
		list(l, text+"&channel="+j.channel, "messages", t.found(who, l.filter.text, j.channel))
	}
}

// channel is about one that has messages. A disconnected pair reads on, an
// unshared person does not (P13), nor does anybody see what was written before
// they came, if it was shared from then on (P17).
func (l *look) channel(name string, all *thread) {
	path := "/v1/channels/" + name
	r, ok := l.t.room(l.who, name)
	if !ok {
		l.missing(path, "channel_not_found")
		l.missing(path+"/messages", "channel_not_found")
	} else {
		l.same(path, l.t.head(l.who, r))
		list(l, path+"/messages", "messages", r.messages(l.who))
	}
	for _, e := range all.entries {
		switch seen := path + "/entries/" + e.id + "/seen"; {
		case !ok:
			l.missing(seen, "channel_not_found")
		case !slices.Contains(r.entries, e):
			l.missing(seen, "entry_not_found")
		default:
			list(l, seen, "by", seenBy(e.seen))
		}
	}
}

func (l *look) requests() {
	f := l.filter
	list(l, "/v1/maintenance-requests?status="+f.status, "requests", l.t.jobsOf(l.who, func(j *job) bool { return j.status == f.status }))
	list(l, "/v1/maintenance-requests?property="+f.property, "requests", l.t.jobsOf(l.who, func(j *job) bool { return j.property == f.property }))
	for _, person := range l.t.people {
		list(l, "/v1/maintenance-requests?person="+person.id, "requests",
			l.t.jobsOf(l.who, func(j *job) bool { return j.landlord == person || j.sharedWith(person) }))
	}
}

// nothing: for who is nobody any more there is nothing, though answers were kept.
func (l *look) nothing() {
	paths := []string{"/v1/me", "/v1/unread", "/v1/inbox", "/v1/contacts", "/v1/boards", "/v1/maintenance-requests", "/v1/messages?text=a", "/v1/boards/" + boardOf(l.who) + "/posts"}
	for _, p := range l.t.pairs {
		paths = append(paths, routes(p.channel, l.who.id)...)
	}
	for _, j := range l.t.jobs {
		paths = append(paths, routes(j.channel, l.who.id)...)
	}
	for _, n := range l.t.notices {
		paths = append(paths, "/v1/posts/"+n.channel, "/v1/posts/"+n.channel+"/comments", "/v1/channels/"+n.channel+"/entries/"+n.id+"/seen")
	}
	for _, path := range paths {
		if a := l.ask(strings.TrimSuffix(path, "?")); a.Status != 401 || a.problem() != "unknown_caller" {
			l.fail(path, a, "unknown_caller")
		}
	}
}

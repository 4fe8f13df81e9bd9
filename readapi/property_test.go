package readapi_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/domain/scenario"
	"lobby.example/readapi"
)

var names = []string{"Anna", "Ben", "Cleo", "Dora", "Emil"}

// story draws what people do, foreign and repeated ids included, and sends it.
type story struct {
	*site
	rt       *rapid.T
	messages []uuid.UUID
	leases   []uuid.UUID
}

func (s *story) some(ids []uuid.UUID) uuid.UUID {
	if len(ids) == 0 || rapid.IntRange(0, 9).Draw(s.rt, "foreign") == 0 {
		return scenario.ID("nothing")
	}
	return ids[max(0, len(ids)-1-rapid.IntRange(0, 8).Draw(s.rt, "back"))]
}

func (s *story) step() {
	rt := s.rt
	a := rapid.IntRange(0, len(names)-1).Draw(rt, "who")
	who, other := names[a], names[(a+rapid.IntRange(1, len(names)-1).Draw(rt, "whom"))%len(names)]
	channel := channelOf(who, other)
	pair, of := "/v1/connections/"+channel, "/v1/channels/"+channel
	switch rapid.IntRange(0, 19).Draw(rt, "what") {
	case 0, 1:
		s.command(who, "POST", "/v1/connections", map[string]any{"person": scenario.ID(other)})
	case 2, 3:
		s.command(who, "POST", pair+"/accept", nil)
	case 4:
		s.command(who, "POST", pair+"/decline", nil)
	case 5:
		s.command(who, "DELETE", pair, nil)
	case 6, 7, 8, 9, 10:
		if a := s.command(who, "POST", of+"/messages", map[string]any{"text": rapid.SampledFrom([]string{"one", "two", "<b>drei</b>"}).Draw(rt, "text")}); a.Status < 300 {
			s.messages = append(s.messages, s.made(a))
		}
	case 11, 12, 13:
		s.command(who, "POST", of+"/seen", map[string]any{"entries": []uuid.UUID{s.some(s.messages), s.some(s.messages)}})
	case 14:
		s.command(who, "DELETE", of+"/messages/"+s.some(s.messages).String(), nil)
	case 15:
		s.command(who, "PUT", of+"/mute", map[string]any{"muted": rapid.Bool().Draw(rt, "on")})
	case 16:
		s.command(who, "PUT", of+"/unread", map[string]any{"unread": rapid.Bool().Draw(rt, "on")})
	case 17:
		if a := s.command(who, "POST", pair+"/leases", map[string]any{"property": uuid.New(), "property_name": "Elm Street 4",
			"start": "2026-02-01", "end": "2026-11-30"}); a.Status < 300 {
			s.leases = append(s.leases, s.made(a))
		}
	case 18:
		s.command(who, "DELETE", pair+"/leases/"+s.some(s.leases).String(), nil)
	case 19:
		switch rapid.IntRange(0, 8).Draw(rt, "rare") {
		case 0:
			s.command(who, "DELETE", "/v1/persons/"+scenario.ID(who).String(), nil)
		case 1, 2, 3:
			s.command(who, "PUT", "/v1/persons/"+scenario.ID(who).String()+"/profile", map[string]any{"name": who + rapid.SampledFrom([]string{" Új", " Ny", ""}).Draw(rt, "name")})
		}
	}
}

// P01, P03, P06, P16, P22: after anything that several people do, every number on
// every route is what the log says, and all routes agree. P13, P18, P19: what is
// not one's own is not there, on any route, and a deactivated person is nobody.
func TestP01EveryNumberIsWhatTheLogSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{site: site0(t), rt: rt}
		defer s.log.Close()
		defer s.engine.Close()
		defer s.runner.Close()
		for _, name := range names {
			s.register(name, name)
		}
		s.connect("Anna", "Ben")
		s.connect("Cleo", "Anna")
		for range rapid.IntRange(1, 3).Draw(rt, "looks") {
			for range rapid.IntRange(0, 25).Draw(rt, "steps") {
				s.step()
			}
			o := newOracle(t, s.log)
			for _, name := range names {
				s.compare(o, name)
			}
		}
	})
}

func (s *story) compare(o *oracle, name string) {
	t, rt, me := s.t, s.rt, scenario.ID(name).String()
	get := func(path string) answer { return s.get(name, path+"&"+s.after()) }
	same := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("%s of %s is %v, and the log says %v", what, name, got, want)
		}
	}
	if !o.active[me] {
		s.shutOut(o, name)
		return
	}
	mine := read[readapi.Me](t, get("/v1/me?"))
	same("the bubble at Me", mine.Unread, o.bubble(me))
	same("the name", mine.Name, o.names[me])

	counts := read[readapi.Unread](t, get("/v1/unread?"))
	same("the bubble at UnreadCounts", counts.Total, o.bubble(me))
	listed := map[string]readapi.ChannelUnread{}
	for _, c := range counts.Channels {
		listed[c.Channel] = c
	}
	var seen []string
	sum := 0
	for _, page := range pages(t, get, "/v1/inbox?limit=2", func(p readapi.Inbox) string { return p.NextCursor }) {
		for _, c := range page.Channels {
			seen = append(seen, c.Channel)
			want := o.channels[c.Channel]
			if want == nil || !want.has(me) {
				rt.Fatalf("%s sees %s in the inbox", name, c.Channel)
			}
			same("the number in the inbox", c.Unread, want.unread(me))
			s.compareHead(o, name, c.ChannelHead)
			if !c.Muted {
				sum += c.Unread
			}
			preview := ""
			if c.LastMessage != nil {
				preview = c.LastMessage.Message + c.LastMessage.Text
			}
			wantPreview := ""
			if there := want.there(); len(there) > 0 {
				wantPreview = there[0].id + there[0].text
			}
			same("the preview", preview, wantPreview)
		}
	}
	same("the inbox", seen, o.inbox(me))
	same("the sum of the inbox", sum, mine.Unread)

	for channel, c := range o.channels {
		key := [2]string{me, channel}
		if !c.has(me) {
			s.outside(name, channel, c)
			continue
		}
		head := read[readapi.ChannelHead](t, get("/v1/channels/"+channel+"?"))
		same("the number of the channel", head.Unread, c.unread(me))
		s.compareHead(o, name, head)
		count, wanted := listed[channel]
		same("whether UnreadCounts lists the channel", wanted, c.open && (c.unread(me) > 0 || o.marked[key]))
		same("the number in UnreadCounts", count.Unread, c.unread(me))
		delete(listed, channel)

		there := c.there()
		unread, i := 0, 0
		for _, page := range pages(t, get, "/v1/channels/"+channel+"/messages?limit=3", func(p readapi.Messages) string { return p.NextCursor }) {
			for _, m := range page.Messages {
				if i == len(there) {
					rt.Fatalf("%s sees a message that is not there: %+v", name, m)
				}
				want := there[i]
				i++
				same("a message", []any{m.Message, m.Author, m.Text, m.Revision}, []any{want.id, want.author, want.text, want.revision})
				same("a message's flags", []bool{m.Unread, m.Seen, m.CanDelete},
					[]bool{c.open && want.waitsFor(me), want.seen, want.author == me && !want.seen})
				if m.Unread {
					unread++
				}
				by := read[readapi.Seen](t, get("/v1/channels/"+channel+"/entries/"+m.Message+"/seen?"))
				same("who has seen a message", len(by.By) == 1 && by.By[0].Person == want.to, want.seen)
			}
		}
		same("the number of messages", i, len(there))
		same("the number of unread messages in the list", unread, c.unread(me))
		for _, m := range c.messages {
			if m.deleted {
				if a := get("/v1/channels/" + channel + "/entries/" + m.id + "/seen?"); a.problem() != "entry_not_found" {
					rt.Fatalf("who has seen a deleted message: %s", a)
				}
			}
		}
	}
	if len(listed) > 0 {
		rt.Fatalf("%s has phantoms in UnreadCounts: %v", name, listed)
	}
	s.compareContacts(o, name)
}

func (s *story) compareHead(o *oracle, name string, head readapi.ChannelHead) {
	me := scenario.ID(name).String()
	c, key := o.channels[head.Channel], [2]string{me, head.Channel}
	got := []any{head.With.Person, head.With.Name, head.With.Active, head.Open, head.Muted, head.MarkedUnread}
	want := []any{c.other(me), o.names[c.other(me)], o.active[c.other(me)], c.open, o.muted[key], o.marked[key]}
	if !slices.Equal(got, want) || c.listed && !head.LastActivity.Equal(c.activity) {
		s.rt.Fatalf("%s sees of a channel %v, and the log says %v", name, got, want)
	}
}

func (s *story) compareContacts(o *oracle, name string) {
	me := scenario.ID(name).String()
	for _, status := range []string{"connected", "invited", "inviting", "declined", "disconnected"} {
		var got, want []string
		for _, page := range pages(s.t, func(path string) answer { return s.get(name, path+"&"+s.after()) },
			"/v1/contacts?limit=1&status="+status, func(p readapi.Contacts) string { return p.NextCursor }) {
			for _, c := range page.Contacts {
				got = append(got, fmt.Sprint(c.Channel, c.Person, c.Name, c.Status, len(c.Leases)))
			}
		}
		for channel, c := range o.channels {
			if c.has(me) && c.status[me] == status {
				want = append(want, fmt.Sprint(channel, c.other(me), o.names[c.other(me)], status, len(c.leases)))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			s.rt.Fatalf("%s has %s contacts %q, and the log says %q", name, status, got, want)
		}
	}
}

// routes are all that is about one channel.
func routes(channel string, message string) []string {
	of := "/v1/channels/" + channel
	return []string{of + "?", of + "/messages?", of + "/entries/" + message + "/seen?"}
}

// outside: for who is not one of the two there is no such channel.
func (s *story) outside(name, channel string, c *oracleChannel) {
	message := scenario.ID("nothing").String()
	if len(c.messages) > 0 {
		message = c.messages[0].id
	}
	for _, path := range routes(channel, message) {
		if a := s.get(name, path+s.after()); a.Status != 404 || a.problem() != "channel_not_found" {
			s.rt.Fatalf("%s is an outsider at %s and gets %s", name, path, a)
		}
	}
}

// shutOut: for who is nobody any more there is nothing, though answers were kept.
func (s *story) shutOut(o *oracle, name string) {
	paths := []string{"/v1/me?", "/v1/unread?", "/v1/inbox?limit=2", "/v1/contacts?limit=1&status=connected"}
	for channel := range o.channels {
		paths = append(paths, routes(channel, scenario.ID("nothing").String())...)
	}
	for _, path := range paths {
		if a := s.get(name, path+"&"+s.after()); a.Status != 401 || a.problem() != "unknown_caller" {
			s.rt.Fatalf("%s is deactivated and gets %s", path, a)
		}
	}
}

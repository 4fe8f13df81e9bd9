package projections_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/person"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel/readmodeltest/engines"
)

// play is several people who do anything, most of which does something. There are
// two landlords, so that not all boards and requests are of one.
type play struct {
	rt         *rapid.T
	w          *world
	names      []string
	landlords  []string
	properties []uuid.UUID
	messages   []entry
	leases     []uuid.UUID
	posts      []uuid.UUID
	comments   []entry
	requests   []uuid.UUID
	told       []entry // in requests
	files      []uuid.UUID
	webhooks   []uuid.UUID
	channels   []string
}

// entry is a comment on a post, a message of a request, or one to somebody.
type entry struct {
	in, id     uuid.UUID
	author, to string
}

// newPlay begins with what most of the verbs need.
func newPlay(rt *rapid.T, w *world) *play {
	p := &play{rt: rt, w: w, names: []string{"Anna", "Ben", "Cleo", "Dora", "Emil"}, landlords: []string{"Anna", "Emil"}, properties: []uuid.UUID{w.id(), w.id()}}
	w.register(p.names...)
	for _, landlord := range p.landlords {
		p.channels = append(p.channels, projections.BoardOf(scenario.ID(landlord)))
		for i, other := range []string{"Ben", "Cleo", "Dora"} {
			w.connect(landlord, other)
			p.channels = append(p.channels, channelOf(landlord, other))
			if i < 2 {
				p.leases = append(p.leases, w.lease(landlord, other, p.properties[i]))
			}
		}
		p.posts = append(p.posts, w.publish(landlord, post.Audience{All: true}, "House rules"))
	}
	p.requests = append(p.requests, w.submit("Ben", "Anna", p.properties[0], "The tap drips."))
	w.share("Anna", p.requests[0], "Cleo", maintenance.All)
	return p
}

func (p *play) flip(what string) bool { return rapid.Bool().Draw(p.rt, what) }

func (p *play) text() string { return rapid.StringN(1, 20, 80).Draw(p.rt, "text") }

// one draws one of the last few, or the zero value where there are none.
func one[T any](p *play, what string, from []T) (t T) {
	if len(from) == 0 {
		return t
	}
	return from[max(0, len(from)-1-rapid.IntRange(0, 8).Draw(p.rt, what))]
}

// attached draws files to attach: mostly none, sometimes one that is the person's
// own, and nobody else's yet.
func (p *play) attached(who string) []uuid.UUID {
	if rapid.IntRange(0, 4).Draw(p.rt, "attached") > 0 {
		return nil
	}
	p.files = append(p.files, p.w.upload(who))
	return p.files[len(p.files)-1:]
}

// kept adds what was not refused.
func kept[T any](p *play, to *[]T, t T) {
	if p.w.no == nil {
		*to = append(*to, t)
	}
}

func (p *play) commands(n int) {
	for range n {
		a := rapid.IntRange(0, len(p.names)-1).Draw(p.rt, "who")
		b := (a + rapid.IntRange(1, len(p.names)-1).Draw(p.rt, "whom")) % len(p.names)
		// The first and the last are drawn more often than those between.
		verbs := []func(who, other string){p.discuss, p.report, p.mend, p.board, p.talk, p.keep, p.rent, p.file, p.subscribe, p.keep, p.meet, p.talk, p.discuss, p.mend, p.board, p.report}
		verbs[rapid.IntRange(0, len(verbs)-1).Draw(p.rt, "what")](p.names[a], p.names[b])
	}
}

// whoMay is the person, or mostly the next one who may.
func (p *play) whoMay(who string, may func(who string) bool) string {
	if rapid.IntRange(0, 4).Draw(p.rt, "at random") == 4 {
		return who
	}
	at := slices.Index(p.names, who)
	for _, other := range append(p.names[at:len(p.names):len(p.names)], p.names[:at]...) {
		if may(other) {
			return other
		}
	}
	return who
}

func (p *play) meet(who, other string) {
	pair, me := between(who, other), scenario.ID(who)
	switch rapid.IntRange(0, 8).Draw(p.rt, "meet") {
	case 0, 1:
		p.w.connect(who, other)
	case 2, 3:
		do(p.w, connection.Noun, connection.Invite{From: party(who), To: party(other)})
	case 4, 5:
		do(p.w, connection.Noun, connection.AcceptInvitation{Connection: pair, By: me})
	case 6, 7:
		if p.flip("both") {
			do(p.w, connection.Noun, connection.Invite{From: party(other), To: party(who)})
		}
		do(p.w, connection.Noun, connection.DeclineInvitation{Connection: pair, By: me})
	case 8:
		do(p.w, connection.Noun, connection.Disconnect{Connection: pair, By: me})
	}
}

func (p *play) talk(who, other string) {
	m := one(p, "message", p.messages)
	switch rapid.IntRange(0, 7).Draw(p.rt, "talk") {
	case 0, 1, 2, 3:
		message := p.w.send(who, other, p.text())
		kept(p, &p.messages, entry{between(who, other), message, who, other})
	case 4:
		p.w.see(who, other, m.id, one(p, "message", p.messages).id)
	case 5:
		do(p.w, connection.Noun, connection.MarkSeen{Connection: m.in, By: scenario.ID(m.to), Entries: []uuid.UUID{m.id, one(p, "message", p.messages).id}})
	case 6, 7:
		do(p.w, connection.Noun, connection.DeleteMessage{Connection: m.in, Message: m.id, By: scenario.ID(m.author)})
	}
}

func (p *play) keep(who, other string) {
	me, channel := scenario.ID(who), one(p, "channel", p.channels)
	state, _ := load(p.w, reader.Noun, reader.Stream(me))
	switch rapid.IntRange(0, 5).Draw(p.rt, "keep") {
	case 0, 1:
		do(p.w, reader.Noun, reader.MuteChannel{Person: me, Channel: channel, Muted: !state.Muted[channel]})
	case 2, 3:
		do(p.w, reader.Noun, reader.MarkUnread{Person: me, Channel: channel, Unread: !state.Unread[channel]})
	case 4:
		do(p.w, person.Noun, person.UpdateProfile{Person: me, Profile: person.Profile{Name: rapid.SampledFrom([]string{"Ann B.", "Ann Čapek", "B C D"}).Draw(p.rt, "name")}})
	case 5:
		do(p.w, person.Noun, person.SetPreferences{Person: me, Preferences: person.Preferences{NoEmailCopies: p.flip("copies")}})
		if rapid.IntRange(0, 9).Draw(p.rt, "leave") == 0 {
			do(p.w, person.Noun, person.Deactivate{Person: me})
		}
	}
}

func (p *play) rent(_, other string) {
	landlord := one(p, "landlord", p.landlords)
	if p.flip("share") {
		kept(p, &p.leases, p.w.lease(landlord, other, one(p, "property", p.properties)))
	} else {
		do(p.w, connection.Noun, connection.EndLease{Connection: between(landlord, other), Lease: one(p, "lease", p.leases), By: scenario.ID(landlord), Today: today})
	}
}

// What is drawn is worth something as long as it has everything that can happen.
func TestAnythingIsEverything(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log.sqlite"))
		rapid.Custom(func(rt *rapid.T) int {
			newPlay(rt, newWorld(t, log)).commands(1000)
			return 0
		}).Example(1)
		missing := everyKind()
		for r, err := range log.ReadAll(t.Context(), eventlog.Position{}, eventlog.Forward, 0) {
			if err != nil {
				t.Fatal(err)
			}
			delete(missing, eventlog.Category(r.Stream)+"/"+r.Kind)
		}
		if len(missing) > 0 {
			t.Errorf("of %d kinds, no event was drawn of %v", len(everyKind()), missing)
		}
	})
}

package projections_test

import (
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
)

// today is the day of all that happens.
const today domain.Date = "2026-03-01"

var roles = map[string]person.Role{"Anna": person.Landlord, "Ben": person.Tenant, "Cleo": person.Tenant, "Dora": person.ServicePro, "Emil": person.Landlord}

func (w *world) register(names ...string) {
	w.t.Helper()
	for _, name := range names {
		do(w, person.Noun, person.Register{Person: scenario.ID(name), Role: roles[name], Profile: person.Profile{Name: name + " Çelik", Email: name + "@example.org"}})
	}
}

func party(name string) connection.Party {
	return connection.Party{Person: scenario.ID(name), Role: string(roles[name])}
}

func between(a, b string) uuid.UUID { return connection.Between(scenario.ID(a), scenario.ID(b)) }

func channelOf(a, b string) string { return connection.Stream(between(a, b)) }

func (w *world) connect(a, b string) {
	w.t.Helper()
	do(w, connection.Noun, connection.Invite{From: party(a), To: party(b)})
	do(w, connection.Noun, connection.AcceptInvitation{Connection: between(a, b), By: scenario.ID(b)})
}

// send writes a message and answers with its id.
func (w *world) send(from, to, text string) uuid.UUID {
	w.t.Helper()
	message := w.id()
	do(w, connection.Noun, connection.SendMessage{Connection: between(from, to), Message: message, From: scenario.ID(from), Text: text})
	return message
}

// say writes a message without looking at what is in the stream.
func (w *world) say(from, to, text string) {
	w.t.Helper()
	w.tell(channelOf(from, to), connection.MessageSent{Message: w.id(), From: scenario.ID(from), To: scenario.ID(to), Text: text})
}

// tell appends an event that nobody decided.
func (w *world) tell(stream string, e interface{ Kind() string }) {
	w.t.Helper()
	w.raw(stream, e.Kind(), eventOf(w.t, e).Data)
}

func (w *world) see(who, other string, messages ...uuid.UUID) {
	w.t.Helper()
	do(w, connection.Noun, connection.MarkSeen{Connection: between(who, other), By: scenario.ID(who), Entries: messages})
}

func (w *world) mute(who, other string, on bool) {
	w.t.Helper()
	do(w, reader.Noun, reader.MuteChannel{Person: scenario.ID(who), Channel: channelOf(who, other), Muted: on})
}

// lease shares a lease of a property, and answers with its id.
func (w *world) lease(landlord, tenant string, property uuid.UUID) uuid.UUID {
	w.t.Helper()
	lease := w.id()
	do(w, connection.Noun, connection.ShareLease{Connection: between(landlord, tenant), By: scenario.ID(landlord), Today: today, Lease: connection.Lease{
		ID: lease, Property: property, Name: "Elm Street 4", Start: today, End: "2027-02-28"}})
	return lease
}

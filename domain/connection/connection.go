// Package connection is two people: whether they are connected, the leases they
// share, and the messages they write each other.
//
//  1. A pair of people has exactly one connection, whoever invites whom.
//  2. Either may invite the other; the one who was invited accepts or declines.
//     Two invitations that cross make a connection.
//  3. Only connected people message each other. A message after a disconnect
//     cannot commit, since both are in this stream.
//  4. Either may disconnect, and by that withdraw an invitation too. It ends the
//     leases of the pair. Their conversation stays readable to both.
//  5. Only the landlord of a pair shares a lease, only with a tenant, only while
//     they are connected; the same landlord ends it. The platform may do both
//     for the landlord.
//  6. A lease has a first and a last day. It is active on both and between, and
//     leases of one property do not overlap within a pair, which shares at most 100.
//  7. Who may read may mark as seen, connected or not. The thread's rules say
//     what can be deleted.
//  8. For anybody else there is no such channel.
//
// It never looks at another stream: the roles of the two come in with the
// invitation, and whoever sends a command has been checked at the edge.
package connection

import (
	"bytes"
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// Roles that the rules about leases ask for.
const (
	landlord = "landlord"
	tenant   = "tenant"
)

// Party is one of the two, with the role that they have for good.
type Party struct {
	Person uuid.UUID `json:"person"`
	Role   string    `json:"role"`
}

// Status is how the two stand to each other.
type Status string

const (
	Unconnected  Status = ""
	Invited      Status = "invited"
	Connected    Status = "connected"
	Declined     Status = "declined"
	Disconnected Status = "disconnected"
)

// State is what decisions need to know of a connection.
type State struct {
	Status  Status
	Inviter Party // of the last invitation
	Invitee Party
	Leases  []Lease // shared and not ended by an event
	Thread  thread.Thread
}

// Event is a fact about one connection.
type Event = domain.Event[State]

// Facts is everything that can be in a connection's stream.
var Facts = domain.All(
	domain.Of[InvitationSent],
	domain.Of[InvitationAccepted],
	domain.Of[InvitationDeclined],
	domain.Of[Ended],
	domain.Of[LeaseShared],
	domain.Of[LeaseEnded],
	domain.Of[MessageSent],
	domain.Of[MessagesSeen],
	domain.Of[MessageDeleted],
)

// Noun describes connections to the rooms that load and store them.
var Noun = domain.Noun[State]{Category: "connection", Version: 1, Facts: Facts}

// pairs is the namespace of the ids of connections.
var pairs = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://lobby.example/connection"))

// Between is the id of the connection of two people, in either order (rule 1).
func Between(a, b uuid.UUID) uuid.UUID {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return uuid.NewSHA1(pairs, append(a[:], b[:]...))
}

// Stream names a connection's stream, which is its channel for everybody.
func Stream(id uuid.UUID) string { return domain.StreamOf(Noun.Category, id) }

// NotFound answers whoever is not one of the two (rule 8).
var NotFound = domain.Refuse(domain.NotFound, "channel_not_found", "There is no such channel.")

var notConnected = domain.Refuse(domain.Forbidden, "not_connected", "You are not connected with this person.")

// Has reports whether the person is one of the two.
func (s State) Has(person uuid.UUID) bool {
	return s.Status != Unconnected && (s.Inviter.Person == person || s.Invitee.Person == person)
}

// Other is the other one of the two.
func (s State) Other(person uuid.UUID) Party {
	if s.Inviter.Person == person {
		return s.Invitee
	}
	return s.Inviter
}

// party is the person as one of the two.
func (s State) party(person uuid.UUID) Party { return s.Other(s.Other(person).Person) }

// LeasesOf lists the leases by which the person, as the tenant of the two, rents
// from the other on a day.
func (s State) LeasesOf(person uuid.UUID, today domain.Date) []Lease {
	if s.party(person).Role != tenant || s.Other(person).Role != landlord {
		return nil
	}
	return s.ActiveLeases(today)
}

// ActiveLeases lists the leases that are active on a day; none unless the two are
// connected.
func (s State) ActiveLeases(today domain.Date) []Lease {
	if s.Status != Connected {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.Leases), func(l Lease) bool { return !l.Active(today) })
}

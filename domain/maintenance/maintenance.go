// Package maintenance is one maintenance request: who shares it, its status, and
// the messages that those people write each other about it.
//
//  1. A tenant submits a request to the landlord of whom they lease the property
//     today, and shares it from the start. A landlord opens one that nobody shares
//     yet. Either way the description is the first message.
//  2. Only the landlord shares and unshares. A request is shared with tenants and
//     service pros who are connected with the landlord, at most 100 at once, and
//     only while it is open.
//  3. Who comes to share it sees the messages from before, and then a deletion has
//     to ask them too; or, where it is shared from now on, only those that follow.
//     Either way, what they see and did not write waits for them.
//     Who is unshared is asked no more, but what they have seen stays seen.
//  4. The landlord sets the status, in steps that make sense. The tenant who
//     submitted the request may cancel it, and sets nothing else.
//  5. Every participant writes to all others while the request is open: not
//     canceled and not archived. Canceling ends the sharing for good, though those
//     who shared it keep reading what they had.
//  6. Who may read may mark as seen, and take back what they wrote while no other
//     participant has seen it, in a closed request too.
//  7. A participant is the landlord, or whom the request is shared with while they
//     are connected with the landlord. For anybody else there is no such channel.
//
// It never looks at another stream: leases, connections and roles come in with
// the command, and whoever sends it has read them at the edge.
package maintenance

import (
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// Roles that the rules ask for.
const (
	landlord   = "landlord"
	tenant     = "tenant"
	servicePro = "service_pro"
)

// MaxShares bounds the people that a request is shared with at once: every message
// names all whom it waits for.
const MaxShares = 100

// Party is someone whom a request is shared with, in the role that they have for good.
type Party struct {
	Person uuid.UUID `json:"person"`
	Role   string    `json:"role"`
}

// Sharer is someone whom a request is shared with now.
type Sharer struct {
	Party
	Late bool // they came later and see what was written before, which the thread may have let go
}

// Participant is who sends a command about a request that is there.
type Participant struct {
	Person    uuid.UUID
	Connected bool // with the landlord, today; the landlord is
}

// State is what decisions need to know of a request.
type State struct {
	Landlord  uuid.UUID
	Status    Status
	Submitter uuid.UUID // the tenant; nobody where the landlord opened it
	Shares    []Sharer  // in the order of sharing; they stay when it is closed
	Thread    thread.Thread
}

// Event is a fact about one request.
type Event = domain.Event[State]

// Facts is everything that can be in a request's stream.
var Facts = domain.All(
	domain.Of[RequestSubmitted],
	domain.Of[RequestOpened],
	domain.Of[RequestShared],
	domain.Of[RequestUnshared],
	domain.Of[StatusSet],
	domain.Of[MessageSent],
	domain.Of[MessagesSeen],
	domain.Of[MessageDeleted],
)

// Noun describes requests to the rooms that load and store them.
var Noun = domain.Noun[State]{Category: "maintenance", Version: 1, Facts: Facts}

// Stream names a request's stream, which is its channel for everybody.
func Stream(id uuid.UUID) string { return domain.StreamOf(Noun.Category, id) }

// NotFound answers whoever is no participant (rule 7).
var NotFound = domain.Refuse(domain.NotFound, "channel_not_found", "There is no such channel.")

var (
	notLandlord = domain.Refuse(domain.Forbidden, "not_the_landlord", "Only the landlord does this.")
	closed      = domain.Refuse(domain.Conflict, "request_closed", "The request is closed.")
)

// Has reports whether the person takes part in the request today (rule 7).
func (s State) Has(p Participant) bool {
	if s.Status == Absent {
		return false
	}
	return p.Person == s.Landlord || p.Connected && s.shares(p.Person)
}

// Participants are the landlord and all whom the request is shared with, connected
// or not: what is written while they are not waits for their return.
func (s State) Participants() []uuid.UUID {
	if s.Status == Absent {
		return nil
	}
	people := []uuid.UUID{s.Landlord}
	for _, p := range s.Shares {
		people = append(people, p.Person)
	}
	return people
}

// others are the participants without one.
func (s State) others(person uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(s.Participants(), func(p uuid.UUID) bool { return p == person })
}

// shares reports whether the request is shared with the person.
func (s State) shares(person uuid.UUID) bool {
	return slices.ContainsFunc(s.Shares, func(p Sharer) bool { return p.Person == person })
}

// checkLandlord is who may share and unshare (rule 2).
func (s State) checkLandlord(by Participant) error {
	if !s.Has(by) {
		return NotFound
	}
	if by.Person != s.Landlord {
		return notLandlord
	}
	return nil
}

package connection

import (
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

// Lena lets a flat to Tom. Eve is nobody to them.
var (
	lena = Party{Person: scenario.ID("lena"), Role: "landlord"}
	tom  = Party{Person: scenario.ID("tom"), Role: "tenant"}
	eve  = Party{Person: scenario.ID("eve"), Role: "landlord"}
	pair = Between(lena.Person, tom.Person)

	invited    = InvitationSent{From: lena, To: tom}
	accepted   = InvitationAccepted{By: tom.Person, Other: lena.Person}
	declined   = InvitationDeclined{By: tom.Person, Other: lena.Person}
	ended      = Ended{By: tom.Person, Other: lena.Person}
	flat       = Lease{ID: scenario.ID("lease"), Property: scenario.ID("flat"), Name: "Elm Street 4", Start: "2026-03-01", End: "2027-02-28"}
	shared     = LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: flat}
	leaseEnded = endOf(flat, lena.Person, Closed)
)

// today is within the lease of the flat.
const today = domain.Date("2026-06-15")

func given(t *testing.T, events ...Event) *scenario.Past[State] {
	return scenario.Given(t, Noun, events...)
}

// endOf is the end of a lease of Lena and Tom.
func endOf(l Lease, by uuid.UUID, reason string) LeaseEnded {
	return LeaseEnded{Lease: l.ID, Property: l.Property, Landlord: lena.Person, Tenant: tom.Person, By: by, Reason: reason}
}

// wrote is a message of that text, whose id is made of it.
func wrote(from, to Party, text string) MessageSent {
	return MessageSent{Message: scenario.ID(text), From: from.Person, To: to.Person, Text: text}
}

func write(from Party, text string) SendMessage {
	return SendMessage{Connection: pair, Message: scenario.ID(text), From: from.Person, Text: text}
}

func saw(by Party, texts ...string) MessagesSeen {
	return MessagesSeen{By: by.Person, Messages: ids(texts...)}
}

func see(by Party, texts ...string) MarkSeen {
	return MarkSeen{Connection: pair, By: by.Person, Entries: ids(texts...)}
}

func deleted(from, to Party, text string) MessageDeleted {
	return MessageDeleted{Message: scenario.ID(text), By: from.Person, To: to.Person}
}

func takeBack(by Party, text string) DeleteMessage {
	return DeleteMessage{Connection: pair, Message: scenario.ID(text), By: by.Person}
}

func ids(texts ...string) []uuid.UUID {
	var ids []uuid.UUID
	for _, text := range texts {
		ids = append(ids, scenario.ID(text))
	}
	return ids
}

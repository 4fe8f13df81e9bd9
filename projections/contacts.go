package projections

import (
	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/readmodel"
)

// How a contact stands to a person, in the status column of contacts.
const (
	Inviting     = "inviting" // the person has invited the other
	Invited      = "invited"  // the other has invited the person
	Connected    = "connected"
	Declined     = "declined"
	Disconnected = "disconnected"
)

var contacts = &readmodel.Table{
	Name: "contacts",
	Doc:  "whom each person is or was connected with, or invited; two rows a pair",
	Key:  2,
	Columns: []readmodel.Column{
		{Name: "person", Type: readmodel.Identifier},
		{Name: "other", Type: readmodel.Identifier},
		{Name: "channel", Type: readmodel.Identifier, Doc: "the pair's connection, which is their channel"},
		{Name: "status", Type: readmodel.Text, Doc: "inviting, invited, connected, declined or disconnected"},
		{Name: "since", Type: readmodel.Time, Doc: "when the status became so"},
	},
}

var setContact = contacts.Upsert("person", "other", "channel", "status", "since")

func projectContacts(f fact, c *changes) {
	pair := func(a, b uuid.UUID, ofA, ofB string) {
		c.add(setContact.Row(a, b, f.stream, ofA, f.at))
		c.add(setContact.Row(b, a, f.stream, ofB, f.at))
		c.touch(id(a))
		c.touch(id(b))
		c.touch(f.stream)
	}
	switch e := f.event.(type) {
	case connection.InvitationSent:
		pair(e.From.Person, e.To.Person, Inviting, Invited)
	case connection.InvitationAccepted:
		pair(e.By, e.Other, Connected, Connected)
	case connection.InvitationDeclined:
		pair(e.By, e.Other, Declined, Declined)
	case connection.Ended:
		pair(e.By, e.Other, Disconnected, Disconnected)
	}
}

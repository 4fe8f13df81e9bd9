package projections

import (
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/reader"
	"lobby.example/readmodel"
)

var inbox = &readmodel.Table{
	Name: "inbox",
	Doc:  "the channels of each person; who has no row here does not see the channel",
	Key:  2,
	Columns: []readmodel.Column{
		{Name: "person", Type: readmodel.Identifier},
		{Name: "channel", Type: readmodel.Identifier},
		{Name: "other", Type: readmodel.Identifier, Doc: "whom the person writes with"},
		{Name: "listed", Type: readmodel.Boolean, Doc: "the two have been connected at some time"},
		{Name: "muted", Type: readmodel.Boolean, Doc: "keeps its number, but out of the bubble"},
		{Name: "marked_unread", Type: readmodel.Boolean, Doc: "a mark of the person's own, no entry is meant"},
	},
}

var (
	enterInbox  = inbox.Upsert("person", "channel", "other")
	listChannel = inbox.Upsert("person", "channel", "other", "listed")
	setMuted    = inbox.Upsert("person", "channel", "muted")
	setMark     = inbox.Upsert("person", "channel", "marked_unread")
)

func projectInbox(f fact, c *changes) {
	both := func(u *readmodel.Upsert, a, b uuid.UUID, values ...any) {
		c.add(u.Row(append([]any{a, f.stream, b}, values...)...))
		c.add(u.Row(append([]any{b, f.stream, a}, values...)...))
	}
	flag := func(u *readmodel.Upsert, person uuid.UUID, channel string, on bool) {
		// Unlike the names of streams, this one comes from within an event.
		if _, _, err := domain.ParseStream("channel", channel); err != nil {
			panic(err)
		}
		c.add(u.Row(person, channel, on))
		c.touch(id(person))
	}
	switch e := f.event.(type) {
	case connection.InvitationSent:
		both(enterInbox, e.From.Person, e.To.Person)
	case connection.InvitationAccepted:
		both(listChannel, e.By, e.Other, true)
	case connection.MessageSent:
		c.touch(id(e.From))
		c.touch(id(e.To))
	case connection.MessageDeleted: // the preview
		c.touch(id(e.By))
		c.touch(id(e.To))
	case reader.ChannelMuted:
		flag(setMuted, e.Person, e.Channel, true)
	case reader.ChannelUnmuted:
		flag(setMuted, e.Person, e.Channel, false)
	case reader.ChannelMarkedUnread:
		flag(setMark, e.Person, e.Channel, true)
	case reader.ChannelUnreadCleared:
		flag(setMark, e.Person, e.Channel, false)
	}
}

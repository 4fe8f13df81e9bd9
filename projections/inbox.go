package projections

import (
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/readmodel"
)

var inbox = &readmodel.Table{
	Name: "inbox",
	Doc:  "the channels of each person, and the flags they set; a tenant's boards follow from their leases and have a row for flags only",
	Key:  2,
	Columns: []readmodel.Column{
		{Name: "person", Type: readmodel.Identifier},
		{Name: "channel", Type: readmodel.Identifier},
		{Name: "other", Type: readmodel.Identifier, Null: true, Doc: "whom the person writes with, where that is one above all"},
		{Name: "readable", Type: readmodel.Boolean, Doc: "the person may read it, as long as they are connected with via"},
		{Name: "listed", Type: readmodel.Boolean, Doc: "it stands in the inbox: the two have been connected at some time, the request is shared"},
		{Name: "via", Type: readmodel.Identifier, Null: true, Doc: "with whom the person has to be connected to see it; null where with nobody"},
		{Name: "history_from", Type: readmodel.Integer, Doc: "the first revision of the channel that the person sees"},
		{Name: "muted", Type: readmodel.Boolean, Doc: "keeps its number, but out of the bubble"},
		{Name: "marked_unread", Type: readmodel.Boolean, Doc: "a mark of the person's own, no entry is meant"},
	},
	Indexes: []readmodel.Index{{Columns: []string{"channel"}, Doc: "who shares a request"}},
}

var (
	enterInbox  = inbox.Upsert("person", "channel", "other", "readable")
	listChannel = inbox.Upsert("person", "channel", "other", "readable", "listed")
	ownChannel  = inbox.Upsert("person", "channel", "readable", "listed")
	joinRequest = inbox.Upsert("person", "channel", "other", "readable", "listed", "via", "history_from")
	setMuted    = inbox.Upsert("person", "channel", "muted")
	setMark     = inbox.Upsert("person", "channel", "marked_unread")
)

func projectInbox(f fact, c *changes) {
	both := func(u *readmodel.Upsert, a, b uuid.UUID, values ...any) {
		c.add(u.Row(append([]any{a, f.stream, b, true}, values...)...))
		c.add(u.Row(append([]any{b, f.stream, a, true}, values...)...))
	}
	touch := func(people ...uuid.UUID) {
		for _, person := range people {
			c.touch(id(person))
		}
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
		touch(e.From, e.To)
	case connection.MessageDeleted: // the preview
		touch(e.By, e.To)
	case maintenance.RequestSubmitted:
		c.add(listChannel.Row(e.Landlord, f.stream, e.By, true, true))
		c.add(joinRequest.Row(e.By, f.stream, e.Landlord, true, true, e.Landlord, int64(0)))
		touch(e.Landlord, e.By)
	case maintenance.RequestOpened:
		c.add(ownChannel.Row(e.Landlord, f.stream, true, true))
		touch(e.Landlord)
	case maintenance.RequestShared:
		from := int64(0)
		if e.History == maintenance.FromNow {
			from = f.revision + 1
		}
		c.add(joinRequest.Row(e.Person, f.stream, e.Landlord, true, true, e.Landlord, from))
		touch(e.Landlord, e.Person)
		c.touch(f.stream)
	case maintenance.RequestUnshared:
		c.add(ownChannel.Row(e.Person, f.stream, false, false))
		touch(e.Landlord, e.Person)
		c.touch(f.stream)
	case maintenance.StatusSet:
		touch(append(e.To, e.By)...)
		c.touch(f.stream)
	case maintenance.MessageSent:
		touch(append(e.To, e.From)...)
	case maintenance.MessageDeleted:
		touch(append(e.To, e.By)...)
	case post.Published:
		c.add(ownChannel.Row(e.Landlord, BoardOf(e.Landlord), true, true))
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

package projections

import (
	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/readmodel"
)

// unread holds the entries themselves, never a counter: what is counted and what
// is listed cannot drift apart. A channel that is not open counts nothing, which
// the queries see to, so leaving one takes its unread along at once. Comments wait
// for the landlord in the channel of the whole board. Posts wait for tenants and
// have no rows here, so that one to ten thousand of them costs what one to ten
// does: what waits is what the leases show them and they have not seen.
var unread = &readmodel.Table{
	Name: "unread",
	Doc:  "the messages and comments that wait for a person: by others, not deleted, not seen",
	Key:  3,
	Columns: []readmodel.Column{
		{Name: "person", Type: readmodel.Identifier},
		{Name: "channel", Type: readmodel.Identifier},
		{Name: "entry", Type: readmodel.Identifier},
	},
}

var addUnread = unread.Upsert("person", "channel", "entry")

func projectUnread(f fact, c *changes) {
	seen := func(by uuid.UUID, channel string, entries []uuid.UUID) {
		for _, entry := range entries {
			c.add(unread.DeleteRow(by, channel, entry))
		}
		c.touch(id(by))
	}
	switch e := f.event.(type) {
	case connection.MessageSent:
		c.add(addUnread.Row(e.To, f.stream, e.Message))
	case connection.MessagesSeen:
		seen(e.By, f.stream, e.Messages)
	case connection.MessageDeleted:
		c.add(unread.DeleteRow(e.To, f.stream, e.Message))
	case maintenance.MessageSent:
		for _, to := range e.To {
			c.add(addUnread.Row(to, f.stream, e.Message))
		}
	case maintenance.MessagesSeen:
		seen(e.By, f.stream, e.Messages)
	case maintenance.MessageDeleted:
		for _, to := range e.To {
			c.add(unread.DeleteRow(to, f.stream, e.Message))
		}
	case maintenance.RequestUnshared:
		c.add(readmodel.Statement(`delete from unread where person = $1 and channel = $2`, e.Person, readmodel.ID(f.stream)))
	case post.CommentAdded:
		if e.By != e.Landlord {
			c.add(addUnread.Row(e.Landlord, BoardOf(e.Landlord), e.Comment))
		}
	case reader.PostSeen:
		c.touch(id(e.Person))
	case post.CommentsSeen:
		seen(e.By, BoardOf(e.By), e.Comments)
	case post.CommentDeleted:
		c.add(unread.DeleteRow(e.Landlord, BoardOf(e.Landlord), e.Comment))
	case post.CommentRemoved:
		c.add(unread.DeleteRow(e.Landlord, BoardOf(e.Landlord), e.Comment))
	}
}

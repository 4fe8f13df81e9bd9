package projections

import (
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/readmodel"
)

// The sections of an inbox.
const (
	Messages    = "messages"
	Board       = "board"
	Maintenance = "maintenance"
)

var channels = &readmodel.Table{
	Name: "channels",
	Doc:  "one row a channel: what is the same for everybody in it",
	Key:  1,
	// The last activity stands here, once for all who have the channel: a message
	// then changes one row, where an inbox ordered by an index would change two rows
	// and four places of the index. An inbox is ordered when it is read.
	Columns: []readmodel.Column{
		{Name: "channel", Type: readmodel.Identifier, Doc: "the name of its stream"},
		{Name: "section", Type: readmodel.Text, Doc: "messages, board or maintenance"},
		{Name: "open", Type: readmodel.Boolean, Doc: "takes new messages and counts as unread"},
		{Name: "last_activity", Type: readmodel.Time, Doc: "of the last message, post or comment, or when it began"},
	},
}

var (
	closeChannel = channels.Upsert("channel", "section", "open")
	openChannel  = channels.Upsert("channel", "section", "open", "last_activity")
	moveUp       = channels.Upsert("channel", "last_activity")
)

func projectChannels(f fact, c *changes) {
	switch e := f.event.(type) {
	case connection.InvitationSent, connection.InvitationDeclined, connection.Ended:
		c.add(closeChannel.Row(f.stream, Messages, false))
	case connection.InvitationAccepted:
		c.add(openChannel.Row(f.stream, Messages, true, f.at))
	case maintenance.RequestSubmitted, maintenance.RequestOpened:
		c.add(openChannel.Row(f.stream, Maintenance, true, f.at))
	case maintenance.StatusSet:
		c.add(openChannel.Row(f.stream, Maintenance, e.Status.Open(), f.at))
	case connection.MessageSent, maintenance.MessageSent, maintenance.RequestShared:
		c.add(moveUp.Row(f.stream, f.at))
	case post.Published:
		c.add(openChannel.Row(BoardOf(e.Landlord), Board, true, f.at))
	case post.CommentAdded:
		c.add(moveUp.Row(BoardOf(e.Landlord), f.at))
	}
}

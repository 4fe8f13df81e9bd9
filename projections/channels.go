package projections

import (
	"lobby.example/domain/connection"
	"lobby.example/readmodel"
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
		{Name: "open", Type: readmodel.Boolean, Doc: "takes new messages and counts as unread"},
		{Name: "last_activity", Type: readmodel.Time, Doc: "of the last message, or when the two connected"},
	},
}

var (
	setChannelOpen = channels.Upsert("channel", "open")
	openChannel    = channels.Upsert("channel", "open", "last_activity")
	moveUp         = channels.Upsert("channel", "last_activity")
)

func projectChannels(f fact, c *changes) {
	switch f.event.(type) {
	case connection.InvitationSent, connection.InvitationDeclined, connection.Ended:
		c.add(setChannelOpen.Row(f.stream, false))
	case connection.InvitationAccepted:
		c.add(openChannel.Row(f.stream, true, f.at))
	case connection.MessageSent:
		c.add(moveUp.Row(f.stream, f.at))
	}
}

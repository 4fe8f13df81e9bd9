package projections

import (
	"lobby.example/domain/connection"
	"lobby.example/readmodel"
)

var channels = &readmodel.Table{
	Name: "channels",
	Doc:  "one row a channel: what is the same for everybody in it",
	Key:  1,
	Columns: []readmodel.Column{
		{Name: "channel", Type: readmodel.Text, Doc: "the name of its stream"},
		{Name: "open", Type: readmodel.Boolean, Doc: "takes new messages and counts as unread"},
	},
}

var setChannelOpen = channels.Upsert("channel", "open")

func projectChannels(f fact, c *changes) {
	switch f.event.(type) {
	case connection.InvitationSent, connection.InvitationDeclined, connection.Ended:
		c.add(setChannelOpen.Row(f.stream, false))
	case connection.InvitationAccepted:
		c.add(setChannelOpen.Row(f.stream, true))
	}
}

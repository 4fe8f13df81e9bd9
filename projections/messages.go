package projections

import (
	"lobby.example/domain/connection"
	"lobby.example/readmodel"
)

var messages = &readmodel.Table{
	Name: "messages",
	Doc:  "the messages of all channels that were not deleted",
	Key:  2,
	Columns: []readmodel.Column{
		{Name: "channel", Type: readmodel.Identifier},
		{Name: "entry", Type: readmodel.Identifier, Doc: "the message's id"},
		{Name: "revision", Type: readmodel.Integer, Doc: "of the event in the channel's stream; orders the messages"},
		{Name: "author", Type: readmodel.Identifier},
		{Name: "text", Type: readmodel.Text},
		{Name: "email_copy", Type: readmodel.Boolean, Doc: "the author asked for a copy by email"},
		{Name: "at", Type: readmodel.Time},
	},
	Indexes: []readmodel.Index{
		{Columns: []string{"channel", "revision"}, Doc: "a page of a channel, and its last message"},
	},
}

var seen = &readmodel.Table{
	Name: "seen",
	Doc:  "who has seen which entry of another, and when",
	Key:  3,
	Columns: []readmodel.Column{
		{Name: "channel", Type: readmodel.Identifier},
		{Name: "entry", Type: readmodel.Identifier},
		{Name: "person", Type: readmodel.Identifier},
		{Name: "at", Type: readmodel.Time},
		{Name: "revision", Type: readmodel.Integer, Doc: "of the event in the channel's stream that says so"},
	},
}

var (
	addMessage = messages.Upsert("channel", "entry", "revision", "author", "text", "email_copy", "at")
	addSeen    = seen.Upsert("channel", "entry", "person", "at", "revision")
)

func projectMessages(f fact, c *changes) {
	switch e := f.event.(type) {
	case connection.MessageSent:
		c.add(addMessage.Row(f.stream, e.Message, f.revision, e.From, e.Text, e.EmailCopy, f.at))
		c.touch(f.stream)
	case connection.MessagesSeen:
		for _, entry := range e.Messages {
			c.add(addSeen.Row(f.stream, entry, e.By, f.at, f.revision))
		}
		c.touch(f.stream)
	case connection.MessageDeleted:
		c.add(messages.DeleteRow(f.stream, e.Message))
		c.touch(f.stream)
	}
}

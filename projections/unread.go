package projections

import (
	"lobby.example/domain/connection"
	"lobby.example/readmodel"
)

// unread holds the entries themselves, never a counter: what is counted and what
// is listed cannot drift apart. A channel that is not open counts nothing, which
// the queries see to, so leaving one takes its unread along at once.
var unread = &readmodel.Table{
	Name: "unread",
	Doc:  "the entries that wait for a person: by others, not deleted, not seen",
	Key:  3,
	Columns: []readmodel.Column{
		{Name: "person", Type: readmodel.Identifier},
		{Name: "channel", Type: readmodel.Identifier},
		{Name: "entry", Type: readmodel.Identifier},
	},
}

var addUnread = unread.Upsert("person", "channel", "entry")

func projectUnread(f fact, c *changes) {
	switch e := f.event.(type) {
	case connection.MessageSent:
		c.add(addUnread.Row(e.To, f.stream, e.Message))
	case connection.MessagesSeen:
		for _, entry := range e.Messages {
			c.add(unread.DeleteRow(e.By, f.stream, entry))
		}
		c.touch(id(e.By))
	case connection.MessageDeleted:
		c.add(unread.DeleteRow(e.To, f.stream, e.Message))
	}
}

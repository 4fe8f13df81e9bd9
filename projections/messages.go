package projections

import (
	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/domain/thread"
	"lobby.example/readmodel"
)

var messages = &readmodel.Table{
	Name: "messages",
	Doc:  "the messages of all channels, and the comments on posts, that were not deleted",
	Key:  2,
	Once: true,
	Columns: []readmodel.Column{
		{Name: "channel", Type: readmodel.Identifier, Doc: "or the post of a comment"},
		{Name: "entry", Type: readmodel.Identifier, Doc: "the message's id"},
		{Name: "revision", Type: readmodel.Integer, Doc: "of the event in the channel's stream; orders the messages"},
		{Name: "author", Type: readmodel.Identifier},
		{Name: "text", Type: readmodel.Text},
		{Name: "words", Type: readmodel.Text, Doc: "the text as it is searched"},
		{Name: "email_copy", Type: readmodel.Boolean, Doc: "the author asked for a copy by email"},
		{Name: "files", Type: readmodel.Integer, Doc: "how many are attached; they stand in attachments"},
		{Name: "at", Type: readmodel.Time},
	},
	Indexes: []readmodel.Index{
		{Columns: []string{"channel", "revision"}, Doc: "a page of a channel, and its last message"},
	},
	Search: "words",
}

var seen = &readmodel.Table{
	Name: "seen",
	Doc:  "who has seen which entry of another, and when first",
	Key:  3,
	Columns: []readmodel.Column{
		{Name: "channel", Type: readmodel.Identifier},
		{Name: "entry", Type: readmodel.Identifier},
		{Name: "person", Type: readmodel.Identifier},
		{Name: "at", Type: readmodel.Time},
		{Name: "revision", Type: readmodel.Integer, Doc: "of the event that says so: in the channel's stream, or for a post in the reader's"},
	},
}

var (
	addMessage = messages.Upsert("channel", "entry", "revision", "author", "text", "words", "email_copy", "files", "at")
	addSeen    = seen.Upsert("channel", "entry", "person", "at", "revision")
)

func projectMessages(f fact, c *changes) {
	write := func(entry, author uuid.UUID, text string, copied bool, files []uuid.UUID) {
		c.add(addMessage.Row(f.stream, entry, f.revision, author, text, readmodel.SearchWords(text), copied, len(files), f.at))
		c.touch(f.stream)
	}
	switch e := f.event.(type) {
	case connection.MessageSent:
		write(e.Message, e.From, e.Text, e.EmailCopy, e.Attachments)
	case maintenance.MessageSent:
		write(e.Message, e.From, e.Text, false, e.Attachments)
	case post.CommentAdded:
		write(e.Comment, e.By, e.Text, false, e.Attachments)
	case reader.PostSeen:
		c.add(addSeen.Row(post.Stream(e.Post), e.Post, e.Person, f.at, f.revision))
		c.touch(post.Stream(e.Post))
	case thread.Seen:
		by, entries := e.SeenBy()
		for _, entry := range entries {
			c.add(addSeen.Row(f.stream, entry, by, f.at, f.revision))
		}
		c.touch(f.stream)
	case thread.Deleted:
		c.add(messages.DeleteRow(f.stream, e.Deleted()))
		c.touch(f.stream)
	}
}

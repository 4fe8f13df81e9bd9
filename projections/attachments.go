package projections

import (
	"lobby.example/domain"
	"lobby.example/domain/attachment"
	"lobby.example/readmodel"
)

var attachments = &readmodel.Table{
	Name: "attachments",
	Doc:  "the files, and the entry that each belongs to; whoever sees the entry sees the file",
	Key:  1,
	Columns: []readmodel.Column{
		{Name: "attachment", Type: readmodel.Identifier},
		{Name: "owner", Type: readmodel.Identifier, Doc: "who uploaded it"},
		{Name: "name", Type: readmodel.Text},
		{Name: "size", Type: readmodel.Integer, Doc: "bytes"},
		{Name: "type", Type: readmodel.Text, Doc: "media type, as its bytes say"},
		{Name: "sha256", Type: readmodel.Text, Doc: "of its bytes, in hex"},
		{Name: "uploaded_at", Type: readmodel.Time},
		{Name: "channel", Type: readmodel.Identifier, Null: true, Doc: "of the entry that it is bound to"},
		{Name: "entry", Type: readmodel.Identifier, Null: true},
		{Name: "removed", Type: readmodel.Boolean, Doc: "its bytes are gone or about to go"},
	},
	Indexes: []readmodel.Index{
		{Columns: []string{"channel", "entry"}, Doc: "the files of an entry"},
	},
}

var (
	addAttachment    = attachments.Upsert("attachment", "owner", "name", "size", "type", "sha256", "uploaded_at")
	bindAttachment   = attachments.Upsert("attachment", "channel", "entry")
	removeAttachment = attachments.Upsert("attachment", "removed")
)

func projectAttachments(f fact, c *changes) {
	switch e := f.event.(type) {
	case attachment.Uploaded:
		c.add(addAttachment.Row(e.Attachment, e.Owner, e.Name, e.Size, e.Type, e.SHA256, f.at))
	case attachment.Bound:
		if _, _, err := domain.ParseStream("stream", e.Stream); err != nil { // it comes from within an event
			panic(err)
		}
		c.add(bindAttachment.Row(e.Attachment, e.Stream, e.Entry))
		c.touch(e.Stream)
	case attachment.Removed:
		c.add(removeAttachment.Row(e.Attachment, true))
	}
}

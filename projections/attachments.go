package projections

import (
	"lobby.example/domain/attachment"
	"lobby.example/readmodel"
)

var attachments = &readmodel.Table{
	Name: "attachments",
	Doc:  "the files, and the entry that each belongs to; whoever sees the entry sees the file",
	Key:  1,
	Columns: []readmodel.Column{
		{Name: "attachment", Type: readmodel.Text},
		{Name: "owner", Type: readmodel.Text, Doc: "who uploaded it"},
		{Name: "name", Type: readmodel.Text},
		{Name: "size", Type: readmodel.Integer, Doc: "bytes"},
		{Name: "type", Type: readmodel.Text, Doc: "media type, as its bytes say"},
		{Name: "sha256", Type: readmodel.Text, Doc: "of its bytes, in hex"},
		{Name: "uploaded_at", Type: readmodel.Time},
		{Name: "channel", Type: readmodel.Text, Null: true, Doc: "of the entry that it is bound to"},
		{Name: "entry", Type: readmodel.Text, Null: true},
		{Name: "removed", Type: readmodel.Boolean, Doc: "its bytes are gone or about to go"},
	},
	Indexes: []readmodel.Index{
		{Columns: []string{"channel", "entry"}, Doc: "the files of an entry"},
		{Columns: []string{"removed", "uploaded_at"}, Doc: "those that nothing refers to any more"},
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
		c.add(addAttachment.Row(id(e.Attachment), id(e.Owner), e.Name, e.Size, e.Type, e.SHA256, f.at))
	case attachment.Bound:
		c.add(bindAttachment.Row(id(e.Attachment), e.Stream, id(e.Entry)))
		c.touch(e.Stream)
	case attachment.Removed:
		c.add(removeAttachment.Row(id(e.Attachment), true))
	}
}

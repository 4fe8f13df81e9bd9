package projections

import (
	"github.com/google/uuid"

	"lobby.example/domain/post"
	"lobby.example/readmodel"
)

var posts = &readmodel.Table{
	Name: "posts",
	Doc:  "the posts of all boards that were not removed; their comments stand in messages",
	Key:  1,
	Columns: []readmodel.Column{
		{Name: "post", Type: readmodel.Identifier, Doc: "the name of its stream"},
		{Name: "entry", Type: readmodel.Identifier, Doc: "its id alone, by which it is seen"},
		{Name: "board", Type: readmodel.Identifier},
		{Name: "landlord", Type: readmodel.Identifier},
		{Name: "category", Type: readmodel.Text, Doc: "job, for_sale, wanted, lost_and_found, notice or announcement"},
		{Name: "title", Type: readmodel.Text},
		{Name: "body", Type: readmodel.Text},
		{Name: "words", Type: readmodel.Text, Doc: "title and body as they are searched"},
		{Name: "pinned", Type: readmodel.Boolean},
		{Name: "comments_open", Type: readmodel.Boolean},
		{Name: "all_tenants", Type: readmodel.Boolean, Doc: "addressed to all tenants of the landlord, and else to those of post_properties"},
		{Name: "files", Type: readmodel.Integer, Doc: "how many are attached; they stand in attachments"},
		{Name: "at", Type: readmodel.Time},
		{Name: "edited_at", Type: readmodel.Time, Null: true},
	},
	Indexes: []readmodel.Index{
		{Columns: []string{"board", "pinned", "at", "post"}, Doc: "a page of a board"},
		{Columns: []string{"board", "at"}, Doc: "the posts since a lease began, and the last one"},
	},
	Search: "words",
}

var postProperties = &readmodel.Table{
	Name: "post_properties",
	Doc:  "the properties whose tenants a post is addressed to, where it is not for all",
	Key:  2,
	Columns: []readmodel.Column{
		{Name: "post", Type: readmodel.Identifier},
		{Name: "property", Type: readmodel.Identifier},
	},
}

var (
	addPost      = posts.Upsert("post", "entry", "board", "landlord", "category", "title", "body", "words", "comments_open", "all_tenants", "files", "at")
	editPost     = posts.Upsert("post", "category", "title", "body", "words", "edited_at")
	pinPost      = posts.Upsert("post", "pinned")
	openComments = posts.Upsert("post", "comments_open")
	addressTo    = postProperties.Upsert("post", "property")
)

func projectPosts(f fact, c *changes) {
	changed := func(landlord uuid.UUID) {
		c.touch(f.stream)
		c.touch(BoardOf(landlord))
		c.touch(id(landlord))
	}
	set := func(landlord uuid.UUID, u *readmodel.Upsert, on bool) {
		c.add(u.Row(f.stream, on))
		changed(landlord)
	}
	switch e := f.event.(type) {
	case post.Published:
		c.add(addPost.Row(f.stream, e.Post, BoardOf(e.Landlord), e.Landlord, string(e.Category), e.Title, e.Body,
			readmodel.SearchWords(e.Title+"\n"+e.Body), e.CommentsOpen, e.Audience.All, len(e.Attachments), f.at))
		for _, property := range e.Audience.Properties {
			c.add(addressTo.Row(f.stream, property))
		}
		changed(e.Landlord)
	case post.Edited:
		c.add(editPost.Row(f.stream, string(e.Category), e.Title, e.Body, readmodel.SearchWords(e.Title+"\n"+e.Body), f.at))
		changed(e.Landlord)
	case post.Pinned:
		set(e.Landlord, pinPost, true)
	case post.Unpinned:
		set(e.Landlord, pinPost, false)
	case post.CommentsClosed:
		set(e.Landlord, openComments, false)
	case post.CommentsOpened:
		set(e.Landlord, openComments, true)
	case post.Removed:
		board, name := readmodel.ID(BoardOf(e.Landlord)), readmodel.ID(f.stream)
		c.add(readmodel.Statement(`delete from unread where person = $1 and channel = $2
			and entry in (select entry from messages where channel = $3)`, e.Landlord, board, name))
		c.add(readmodel.Statement(`delete from messages where channel = $1`, name))
		c.add(readmodel.Statement(`delete from post_properties where post = $1`, name))
		c.add(posts.DeleteRow(f.stream))
		changed(e.Landlord)
	case post.CommentAdded:
		changed(e.Landlord)
	case post.CommentsSeen:
		changed(e.By)
	case post.CommentDeleted:
		changed(e.Landlord)
	case post.CommentRemoved:
		changed(e.Landlord)
	}
}

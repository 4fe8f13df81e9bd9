package readapi

import (
	"time"

	"lobby.example/httpapi"

	"lobby.example/readmodel"
)

type postCommentsIn struct {
	PostIn
	httpapi.Page
}

// Comments is a page of the comments on a post, oldest first.
type Comments struct {
	Comments   []Comment `json:"comments" doc:"oldest first"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"of the next page, with newer comments; absent on the last"`
}

// Comment is one comment as the caller sees it.
type Comment struct {
	Comment        string    `json:"comment" doc:"its id"`
	Author         Party     `json:"author" doc:"who wrote it"`
	Text           string    `json:"text" doc:"all of it"`
	At             time.Time `json:"at" doc:"when it was written, UTC"`
	Revision       int64     `json:"revision" doc:"of its event in the post's stream"`
	SeenByLandlord bool      `json:"seen_by_landlord" doc:"it was displayed to the landlord of the board"`
	Unread         bool      `json:"unread" doc:"for the landlord: not seen yet, what the board's number counts"`
	CanDelete      bool      `json:"can_delete" doc:"it is the caller's, and the landlord has not seen it"`
	CanRemove      bool      `json:"can_remove" doc:"the caller is the landlord, who may remove any"`
	Attachments    []File    `json:"attachments" doc:"what is attached"`
	files          int
}

func postComments(v *view, in *postCommentsIn) (*Comments, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	after := int64(-1)
	if in.Cursor != "" {
		var err error
		if after, err = httpapi.DecodeCursor[int64]("PostComments", in.Cursor); err != nil {
			return nil, err
		}
	}
	v.maySee(in.Post)
	page := Comments{Comments: []Comment{}}
	err := v.rows(func(scan func(...any) error) error {
		var c Comment
		err := scan(&c.Comment, &c.Author.Person, &c.Author.Name, &c.Author.Role, &c.Author.Active, &c.Text, &c.At, &c.Revision, &c.files,
			&c.SeenByLandlord, &c.Unread, &c.CanRemove)
		c.CanDelete = c.Author.Person == string(v.person) && !c.SeenByLandlord
		page.Comments = append(page.Comments, c)
		return err
	}, `
		select m.entry, w.person, w.name, w.role, not w.deactivated, m.text, m.at, m.revision, m.files,
			exists (select 1 from seen s where s.channel = m.channel and s.entry = m.entry and s.person = p.landlord`+each+`),
			exists (select 1 from unread u where u.person = $1 and u.channel = p.board and u.entry = m.entry`+each+`),
			p.landlord = $1
		from posts p join messages m on m.channel = p.post join people w on w.person = m.author
		where p.post = $3 and `+visiblePost+` and m.revision > $4
		order by m.revision limit $5`, v.person, string(v.today), readmodel.ID(in.Post), after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	if len(page.Comments) > in.Limit {
		page.Comments = page.Comments[:in.Limit]
		page.NextCursor = httpapi.EncodeCursor("PostComments", page.Comments[in.Limit-1].Revision)
	}
	for i := range page.Comments {
		c := &page.Comments[i]
		if c.Attachments, err = v.files(in.Post, c.Comment, c.files); err != nil {
			return nil, err
		}
	}
	return &page, nil
}

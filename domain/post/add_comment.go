package post

import (
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// AddComment writes a comment on a post (rule 7).
type AddComment struct {
	Post        uuid.UUID
	Comment     uuid.UUID
	By          Visitor
	Text        string
	Attachments []uuid.UUID
}

func (c AddComment) Stream() string { return Stream(c.Post) }

func (c AddComment) Decide(s State) ([]Event, error) {
	if err := s.checkVisitor(c.By); err != nil {
		return nil, err
	}
	if err := thread.CheckContent(c.Text, c.Attachments); err != nil {
		return nil, err
	}
	if !s.CommentsOpen {
		return nil, domain.Refuse(domain.Conflict, "comments_closed", "Commenting this post is not available")
	}
	return []Event{CommentAdded{
		Post:        c.Post,
		Landlord:    s.Landlord,
		Comment:     c.Comment,
		By:          c.By.Person,
		Text:        c.Text,
		Attachments: c.Attachments,
	}}, nil
}

// CommentAdded: somebody who sees the post has commented on it.
type CommentAdded struct {
	Post        uuid.UUID   `json:"post"`
	Landlord    uuid.UUID   `json:"landlord"`
	Comment     uuid.UUID   `json:"comment"`
	By          uuid.UUID   `json:"by"`
	Text        string      `json:"text"`
	Attachments []uuid.UUID `json:"attachments,omitempty"`
}

func (CommentAdded) Kind() string { return "comment_added" }

func (e CommentAdded) Evolve(s State) State {
	entry := thread.Entry{ID: e.Comment, Author: e.By}
	if e.By != e.Landlord {
		entry.For = []uuid.UUID{e.Landlord}
	}
	s.Thread = s.Thread.Add(entry)
	return s
}

// Entry tells the thread what was written by whom.
func (e CommentAdded) Entry() (entry, author uuid.UUID) { return e.Comment, e.By }

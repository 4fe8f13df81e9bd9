package post

import (
	"iter"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// DeleteComment takes one's own comment back, which works only while the landlord
// has not seen it (rule 8).
type DeleteComment struct {
	Post    uuid.UUID
	Comment uuid.UUID
	By      Visitor
}

func (c DeleteComment) Stream() string { return Stream(c.Post) }

func (c DeleteComment) Decide(s State) ([]Event, error) {
	if err := s.checkVisitor(c.By); err != nil {
		return nil, err
	}
	if err := s.Thread.CheckDelete(c.Comment, c.By.Person); err != nil {
		return nil, err
	}
	return []Event{CommentDeleted{Post: c.Post, Landlord: s.Landlord, Comment: c.Comment, By: c.By.Person}}, nil
}

// Forgotten: the state keeps no comment that was seen, deleted or removed.
func (c DeleteComment) Forgotten(s State) bool {
	return s.Sees(c.By) && !s.Thread.Deletable(c.Comment)
}

func (c DeleteComment) Recall(_ State, history iter.Seq[domain.Past[State]]) ([]Event, error) {
	return nil, thread.RecallDelete(c.Stream(), c.Comment, c.By.Person, history)
}

// CommentDeleted: the author has taken the comment back before the landlord saw it.
type CommentDeleted struct {
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
	Comment  uuid.UUID `json:"comment"`
	By       uuid.UUID `json:"by"`
}

func (CommentDeleted) Kind() string { return "comment_deleted" }

func (e CommentDeleted) Evolve(s State) State {
	s.Thread = s.Thread.Remove(e.Comment)
	return s
}

// Deleted tells the thread what is gone.
func (e CommentDeleted) Deleted() uuid.UUID { return e.Comment }

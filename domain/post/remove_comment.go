package post

import (
	"iter"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// RemoveComment takes any comment off the landlord's board, on the record (rule 9).
type RemoveComment struct {
	Post    uuid.UUID
	Comment uuid.UUID
	By      uuid.UUID
}

func (c RemoveComment) Stream() string { return Stream(c.Post) }

// Decide is asked about a comment that waits, and about one that nobody may
// remove; all others are recalled.
func (c RemoveComment) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil {
		return nil, err
	}
	return []Event{CommentRemoved{Post: c.Post, Landlord: s.Landlord, Comment: c.Comment, By: c.By}}, nil
}

// Forgotten: the state keeps no comment that was seen, deleted or removed.
func (c RemoveComment) Forgotten(s State) bool {
	_, waits := s.Thread.Find(c.Comment)
	return s.checkLandlord(c.By) == nil && !waits
}

func (c RemoveComment) Recall(s State, history iter.Seq[domain.Past[State]]) ([]Event, error) {
	if remove, err := thread.RecallRemove(c.Comment, history); !remove {
		return nil, err
	}
	return c.Decide(s)
}

// CommentRemoved: the landlord has taken the comment off the board, seen or not.
type CommentRemoved struct {
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
	Comment  uuid.UUID `json:"comment"`
	By       uuid.UUID `json:"by"`
}

func (CommentRemoved) Kind() string { return "comment_removed" }

func (e CommentRemoved) Evolve(s State) State {
	s.Thread = s.Thread.Remove(e.Comment)
	return s
}

// Deleted tells the thread what is gone.
func (e CommentRemoved) Deleted() uuid.UUID { return e.Comment }

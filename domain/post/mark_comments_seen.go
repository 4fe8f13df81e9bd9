package post

import (
	"github.com/google/uuid"

	"lobby.example/domain/thread"
)

// MarkCommentsSeen says that comments were displayed to the landlord (rule 8).
type MarkCommentsSeen struct {
	Post    uuid.UUID
	By      uuid.UUID
	Entries []uuid.UUID
}

func (c MarkCommentsSeen) Stream() string { return Stream(c.Post) }

func (c MarkCommentsSeen) Decide(s State) ([]Event, error) {
	if s.Published && !s.Removed && s.Landlord != c.By {
		return nil, NotTheLandlord
	}
	if err := s.checkLandlord(c.By); err != nil {
		return nil, err
	}
	if err := thread.CheckSeen(c.Entries); err != nil {
		return nil, err
	}
	unseen := s.Thread.Unseen(c.By, c.Entries)
	if len(unseen) == 0 {
		return nil, nil
	}
	return []Event{CommentsSeen{Post: c.Post, By: c.By, Comments: unseen}}, nil
}

// CommentsSeen names the comments that were displayed for the first time to the
// landlord (By).
type CommentsSeen struct {
	Post     uuid.UUID   `json:"post"`
	By       uuid.UUID   `json:"by"`
	Comments []uuid.UUID `json:"comments"`
}

func (CommentsSeen) Kind() string { return "comments_seen" }

func (e CommentsSeen) Evolve(s State) State {
	s.Thread = s.Thread.See(e.By, e.Comments)
	return s
}

// SeenBy tells the thread who saw what.
func (e CommentsSeen) SeenBy() (reader uuid.UUID, entries []uuid.UUID) { return e.By, e.Comments }

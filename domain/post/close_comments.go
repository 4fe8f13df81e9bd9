package post

import "github.com/google/uuid"

// CloseComments lets nobody comment any more. What is there stays (rule 7).
type CloseComments struct {
	Post uuid.UUID
	By   uuid.UUID
}

func (c CloseComments) Stream() string { return Stream(c.Post) }

func (c CloseComments) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil || !s.CommentsOpen {
		return nil, err
	}
	return []Event{CommentsClosed{Post: c.Post, Landlord: s.Landlord}}, nil
}

// CommentsClosed: nobody comments on the post any more.
type CommentsClosed struct {
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
}

func (CommentsClosed) Kind() string { return "comments_closed" }

func (e CommentsClosed) Evolve(s State) State {
	s.CommentsOpen = false
	return s
}

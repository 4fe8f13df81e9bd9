package post

import "github.com/google/uuid"

// OpenComments lets people comment, for the first time or again.
type OpenComments struct {
	Post uuid.UUID
	By   uuid.UUID
}

func (c OpenComments) Stream() string { return Stream(c.Post) }

func (c OpenComments) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil || s.CommentsOpen {
		return nil, err
	}
	return []Event{CommentsOpened{Post: c.Post, Landlord: s.Landlord}}, nil
}

// CommentsOpened: who sees the post can comment on it.
type CommentsOpened struct {
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
}

func (CommentsOpened) Kind() string { return "comments_opened" }

func (e CommentsOpened) Evolve(s State) State {
	s.CommentsOpen = true
	return s
}

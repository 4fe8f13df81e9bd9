package post

import "github.com/google/uuid"

// Pin keeps a post at the top of the board.
type Pin struct {
	Post uuid.UUID
	By   uuid.UUID
}

func (c Pin) Stream() string { return Stream(c.Post) }

func (c Pin) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil || s.Pinned {
		return nil, err
	}
	return []Event{Pinned{Post: c.Post, Landlord: s.Landlord}}, nil
}

// Pinned: the post is at the top of the board.
type Pinned struct {
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
}

func (Pinned) Kind() string { return "post_pinned" }

func (e Pinned) Evolve(s State) State {
	s.Pinned = true
	return s
}

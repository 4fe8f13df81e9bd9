package post

import "github.com/google/uuid"

// Unpin puts a post back among the others.
type Unpin struct {
	Post uuid.UUID
	By   uuid.UUID
}

func (c Unpin) Stream() string { return Stream(c.Post) }

func (c Unpin) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil || !s.Pinned {
		return nil, err
	}
	return []Event{Unpinned{Post: c.Post, Landlord: s.Landlord}}, nil
}

// Unpinned: the post is one among the others again.
type Unpinned struct {
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
}

func (Unpinned) Kind() string { return "post_unpinned" }

func (e Unpinned) Evolve(s State) State {
	s.Pinned = false
	return s
}

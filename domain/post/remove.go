package post

import "github.com/google/uuid"

// Remove takes a post off the board for good, with its comments (rule 10).
type Remove struct {
	Post uuid.UUID
	By   uuid.UUID
}

func (c Remove) Stream() string { return Stream(c.Post) }

func (c Remove) Decide(s State) ([]Event, error) {
	switch err := s.checkLandlord(c.By); err {
	case nil:
		return []Event{Removed{Post: c.Post, Landlord: s.Landlord}}, nil
	case removed:
		return nil, nil
	default:
		return nil, err
	}
}

// Removed: the landlord has taken the post off the board, with its comments.
type Removed struct {
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
}

func (Removed) Kind() string { return "post_removed" }

// Evolve forgets the rest, since nothing is decided by it any more.
func (e Removed) Evolve(s State) State {
	return State{Landlord: s.Landlord, Published: s.Published, Removed: true}
}

package reader

import "github.com/google/uuid"

// SeePost says that a post was displayed to somebody other than its landlord
// (rule 4).
type SeePost struct {
	Person   uuid.UUID
	Post     uuid.UUID
	Landlord uuid.UUID // whose board it is on
}

func (c SeePost) Stream() string { return Stream(c.Person) }

func (c SeePost) Decide(s State) ([]Event, error) {
	if s.Posts[c.Post] {
		return nil, nil
	}
	return []Event{PostSeen(c)}, nil
}

// PostSeen: the person has seen the post, for the first time.
type PostSeen struct {
	Person   uuid.UUID `json:"person"`
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
}

func (PostSeen) Kind() string { return "post_seen" }

func (e PostSeen) Evolve(s State) State {
	s.Posts = set(s.Posts, e.Post)
	return s
}

package maintenance

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// What of a request's messages someone gets to see with it (rule 3).
const (
	All     = "all"      // those from before, too
	FromNow = "from_now" // only those that follow
)

// Share lets someone take part in a request (rules 2 and 3). Sharing it with
// them again does nothing, whatever it says of the history.
type Share struct {
	Request   uuid.UUID
	By        Participant // the landlord, also where the platform acts for them
	With      Party
	Connected bool   // whom it is shared with, with the landlord, today
	History   string // All where it says nothing
}

func (c Share) Stream() string { return Stream(c.Request) }

func (c Share) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil {
		return nil, err
	}
	history := c.History
	if history == "" {
		history = All
	}
	switch {
	case history != All && history != FromNow:
		return nil, domain.Bad("history", "unknown_history", "A history is all or from_now.")
	case c.With.Person == s.Landlord:
		return nil, domain.Bad("person", "self_share", "Nobody shares a request with themselves.")
	case !c.Connected:
		return nil, domain.Refuse(domain.Forbidden, "not_connected", "You are not connected with this person.")
	case c.With.Role != tenant && c.With.Role != servicePro:
		return nil, domain.Refuse(domain.Forbidden, "not_shareable", "A request is shared with a tenant or a service pro only.")
	case s.shares(c.With.Person):
		return nil, nil
	case !s.Status.Open():
		return nil, closed
	case len(s.Shares) >= MaxShares:
		return nil, domain.Refuse(domain.Conflict, "too_many_shares", "The request is shared with 100 people already.")
	}
	return []Event{RequestShared{
		Request:  c.Request,
		Landlord: s.Landlord,
		Person:   c.With.Person,
		Role:     c.With.Role,
		History:  history,
	}}, nil
}

// RequestShared: the landlord lets someone take part in the request.
type RequestShared struct {
	Request  uuid.UUID `json:"request"`
	Landlord uuid.UUID `json:"landlord"`
	Person   uuid.UUID `json:"person"`
	Role     string    `json:"role"`
	History  string    `json:"history"`
}

func (RequestShared) Kind() string { return "request_shared" }

func (e RequestShared) Evolve(s State) State {
	late := e.History != FromNow
	s.Shares = append(s.Shares, Sharer{Party: Party{Person: e.Person, Role: e.Role}, Late: late})
	if late {
		s.Thread = s.Thread.Join(e.Person)
	}
	return s
}

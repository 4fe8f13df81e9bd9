package maintenance

import (
	"slices"

	"github.com/google/uuid"
)

// Unshare takes the request from someone whom it is shared with (rules 2 and 3),
// in a closed request too.
type Unshare struct {
	Request uuid.UUID
	By      Participant // the landlord, also where the platform acts for them
	Person  uuid.UUID
}

func (c Unshare) Stream() string { return Stream(c.Request) }

func (c Unshare) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil || !s.shares(c.Person) {
		return nil, err
	}
	return []Event{RequestUnshared{Request: c.Request, Landlord: s.Landlord, Person: c.Person}}, nil
}

// RequestUnshared: someone no longer takes part in the request.
type RequestUnshared struct {
	Request  uuid.UUID `json:"request"`
	Landlord uuid.UUID `json:"landlord"`
	Person   uuid.UUID `json:"person"`
}

func (RequestUnshared) Kind() string { return "request_unshared" }

func (e RequestUnshared) Evolve(s State) State {
	s.Shares = slices.DeleteFunc(s.Shares, func(p Sharer) bool { return p.Person == e.Person })
	s.Thread = s.Thread.Leave(e.Person)
	return s
}

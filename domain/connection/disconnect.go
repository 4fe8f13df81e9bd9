package connection

import "github.com/google/uuid"

// Disconnect ends a connection, or withdraws an invitation (rule 4).
type Disconnect struct {
	Connection uuid.UUID
	By         uuid.UUID
}

func (c Disconnect) Stream() string { return Stream(c.Connection) }

func (c Disconnect) Decide(s State) ([]Event, error) {
	if !s.Has(c.By) {
		return nil, NotFound
	}
	if s.Status != Connected && s.Status != Invited {
		return nil, nil
	}
	var events []Event
	for _, l := range s.Leases {
		events = append(events, s.endOf(l, c.By, Parted))
	}
	return append(events, Ended{By: c.By, Other: s.Other(c.By).Person}), nil
}

// Ended: the two are no longer connected, or one withdrew the invitation.
type Ended struct {
	By    uuid.UUID `json:"by"`
	Other uuid.UUID `json:"other"`
}

func (Ended) Kind() string { return "disconnected" }

func (e Ended) Evolve(s State) State {
	s.Status = Disconnected
	return s
}

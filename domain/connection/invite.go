package connection

import "lobby.example/domain"

// Invite asks another person to connect.
type Invite struct{ From, To Party }

func (c Invite) Stream() string { return Stream(Between(c.From.Person, c.To.Person)) }

func (c Invite) Decide(s State) ([]Event, error) {
	switch {
	case c.From.Person == c.To.Person:
		return nil, domain.Bad("person", "self_connection", "Nobody connects with themselves.")
	case s.Status == Connected, s.Status == Invited && s.Inviter.Person == c.From.Person:
		return nil, nil
	case s.Status == Invited:
		return []Event{InvitationAccepted{By: c.From.Person, Other: c.To.Person}}, nil
	}
	return []Event{InvitationSent(c)}, nil
}

// InvitationSent: one of the two has asked the other to connect.
type InvitationSent struct {
	From Party `json:"from"`
	To   Party `json:"to"`
}

func (InvitationSent) Kind() string { return "invited" }

func (e InvitationSent) Evolve(s State) State {
	s.Status, s.Inviter, s.Invitee = Invited, e.From, e.To
	return s
}

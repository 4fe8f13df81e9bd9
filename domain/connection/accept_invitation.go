package connection

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// AcceptInvitation connects the two.
type AcceptInvitation struct {
	Connection uuid.UUID
	By         uuid.UUID
}

func (c AcceptInvitation) Stream() string { return Stream(c.Connection) }

func (c AcceptInvitation) Decide(s State) ([]Event, error) {
	if err := s.checkAnswer(c.By); err != nil || s.Status == Connected {
		return nil, err
	}
	if s.Status != Invited {
		return nil, noInvitation
	}
	return []Event{InvitationAccepted{By: c.By, Other: s.Inviter.Person}}, nil
}

var (
	noInvitation  = domain.Refuse(domain.Conflict, "no_invitation", "There is no open invitation.")
	ownInvitation = domain.Refuse(domain.Forbidden, "own_invitation", "Only the person who was invited answers an invitation.")
)

// checkAnswer is rule 2 for both answers.
func (s State) checkAnswer(by uuid.UUID) error {
	if !s.Has(by) {
		return NotFound
	}
	if s.Status == Invited && s.Inviter.Person == by {
		return ownInvitation
	}
	return nil
}

// InvitationAccepted: the two are connected.
type InvitationAccepted struct {
	By    uuid.UUID `json:"by"`
	Other uuid.UUID `json:"other"`
}

func (InvitationAccepted) Kind() string { return "invitation_accepted" }

func (e InvitationAccepted) Evolve(s State) State {
	s.Status = Connected
	return s
}

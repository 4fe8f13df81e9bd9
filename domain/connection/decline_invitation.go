package connection

import "github.com/google/uuid"

// DeclineInvitation turns an invitation down. Either may invite again.
type DeclineInvitation struct {
	Connection uuid.UUID
	By         uuid.UUID
}

func (c DeclineInvitation) Stream() string { return Stream(c.Connection) }

func (c DeclineInvitation) Decide(s State) ([]Event, error) {
	if err := s.checkAnswer(c.By); err != nil || s.Status == Declined {
		return nil, err
	}
	if s.Status != Invited {
		return nil, noInvitation
	}
	return []Event{InvitationDeclined{By: c.By, Other: s.Inviter.Person}}, nil
}

// InvitationDeclined: the two are not connected.
type InvitationDeclined struct {
	By    uuid.UUID `json:"by"`
	Other uuid.UUID `json:"other"`
}

func (InvitationDeclined) Kind() string { return "invitation_declined" }

func (e InvitationDeclined) Evolve(s State) State {
	s.Status = Declined
	return s
}

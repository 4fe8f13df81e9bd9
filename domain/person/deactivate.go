package person

import "github.com/google/uuid"

// Deactivate shuts a person out for good. What they wrote stays.
type Deactivate struct{ Person uuid.UUID }

func (c Deactivate) Stream() string { return Stream(c.Person) }

func (c Deactivate) Decide(s State) ([]Event, error) {
	if !s.Registered {
		return nil, notRegistered
	}
	if s.Deactivated {
		return nil, nil
	}
	return []Event{Deactivated(c)}, nil
}

// Deactivated: nobody gets in as this person any more.
type Deactivated struct {
	Person uuid.UUID `json:"person"`
}

func (Deactivated) Kind() string { return "person_deactivated" }

func (e Deactivated) Evolve(s State) State {
	s.Deactivated = true
	return s
}

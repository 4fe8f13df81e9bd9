package person

import "github.com/google/uuid"

// UpdateProfile changes what others see of a person.
type UpdateProfile struct {
	Person  uuid.UUID
	Profile Profile
}

func (c UpdateProfile) Stream() string { return Stream(c.Person) }

func (c UpdateProfile) Decide(s State) ([]Event, error) {
	if err := c.Profile.check(); err != nil {
		return nil, err
	}
	if err := s.checkActive(); err != nil {
		return nil, err
	}
	if s.Profile == c.Profile {
		return nil, nil
	}
	return []Event{ProfileUpdated{Person: c.Person, Profile: c.Profile}}, nil
}

// ProfileUpdated carries the whole profile as it is from now on.
type ProfileUpdated struct {
	Person uuid.UUID `json:"person"`
	Profile
}

func (ProfileUpdated) Kind() string { return "profile_updated" }

func (e ProfileUpdated) Evolve(s State) State {
	s.Profile = e.Profile
	return s
}

package person

import "github.com/google/uuid"

// SetPreferences replaces a person's preferences.
type SetPreferences struct {
	Person      uuid.UUID
	Preferences Preferences
}

func (c SetPreferences) Stream() string { return Stream(c.Person) }

func (c SetPreferences) Decide(s State) ([]Event, error) {
	if err := s.checkActive(); err != nil {
		return nil, err
	}
	if s.Preferences == c.Preferences {
		return nil, nil
	}
	return []Event{PreferencesSet{Person: c.Person, Preferences: c.Preferences}}, nil
}

// PreferencesSet carries all preferences as they are from now on.
type PreferencesSet struct {
	Person uuid.UUID `json:"person"`
	Preferences
}

func (PreferencesSet) Kind() string { return "preferences_set" }

func (e PreferencesSet) Evolve(s State) State {
	s.Preferences = e.Preferences
	return s
}

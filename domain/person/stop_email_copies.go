package person

import "github.com/google/uuid"

// StopEmailCopies sets the one preference that a link in a copy sets. The others
// stay as they are.
type StopEmailCopies struct{ Person uuid.UUID }

func (c StopEmailCopies) Stream() string { return Stream(c.Person) }

func (c StopEmailCopies) Decide(s State) ([]Event, error) {
	if err := s.checkActive(); err != nil {
		return nil, err
	}
	if s.Preferences.NoEmailCopies {
		return nil, nil
	}
	preferences := s.Preferences
	preferences.NoEmailCopies = true
	return []Event{PreferencesSet{Person: c.Person, Preferences: preferences}}, nil
}

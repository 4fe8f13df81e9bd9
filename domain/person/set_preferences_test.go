package person

import (
	"testing"

	"lobby.example/domain"
)

func TestPreferencesAreReplacedAsAWhole(t *testing.T) {
	quiet := Preferences{NoEmailCopies: true, NoDesktopNotifications: true}
	given(t, registered).When(SetPreferences{Person: lena, Preferences: quiet}).
		Then(PreferencesSet{Person: lena, Preferences: quiet}).Again().Nothing()
	given(t, registered, PreferencesSet{Person: lena, Preferences: quiet}).
		When(SetPreferences{Person: lena}).Then(PreferencesSet{Person: lena})
	t.Run("and a new person has the zero ones", func(t *testing.T) {
		given(t, registered).When(SetPreferences{Person: lena}).Nothing()
	})
}

func TestRule4_OnlyAnActivePersonHasPreferences(t *testing.T) {
	given(t).When(SetPreferences{Person: lena}).Refused(domain.NotFound, "person_not_found")
	given(t, registered, shutOut).When(SetPreferences{Person: lena}).Refused(domain.Conflict, "person_deactivated")
}

package person

import (
	"testing"

	"lobby.example/domain"
)

func TestStoppingEmailCopiesLeavesOtherPreferencesAlone(t *testing.T) {
	given(t, registered).When(StopEmailCopies{Person: lena}).
		Then(PreferencesSet{Person: lena, Preferences: Preferences{NoEmailCopies: true}}).Again().Nothing()
	given(t, registered, PreferencesSet{Person: lena, Preferences: Preferences{NoDesktopNotifications: true}}).
		When(StopEmailCopies{Person: lena}).
		Then(PreferencesSet{Person: lena, Preferences: Preferences{NoEmailCopies: true, NoDesktopNotifications: true}})
}

func TestRule4_OnlyAnActivePersonStopsEmailCopies(t *testing.T) {
	given(t).When(StopEmailCopies{Person: lena}).Refused(domain.NotFound, "person_not_found")
	given(t, registered, shutOut).When(StopEmailCopies{Person: lena}).Refused(domain.Conflict, "person_deactivated")
}

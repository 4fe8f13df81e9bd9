package person

import (
	"testing"

	"lobby.example/domain"
)

func TestRule2_AProfileIsReplacedAsAWhole(t *testing.T) {
	lund := Profile{Name: "Lena Lund"}
	given(t, registered).When(update(lund)).Then(ProfileUpdated{Person: lena, Profile: lund}).Again().Nothing()
	given(t, registered).When(update(profile)).Nothing()
}

func TestRule4_OnlyAnActivePersonsProfileChanges(t *testing.T) {
	given(t).When(update(profile)).Refused(domain.NotFound, "person_not_found")
	given(t, registered, shutOut).When(update(Profile{Name: "Lena Lund"})).Refused(domain.Conflict, "person_deactivated")
	given(t, registered, shutOut).When(update(profile)).Refused(domain.Conflict, "person_deactivated")
}

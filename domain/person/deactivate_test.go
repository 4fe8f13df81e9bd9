package person

import (
	"testing"

	"lobby.example/domain"
)

func TestRule4_APersonIsDeactivatedForGood(t *testing.T) {
	given(t, registered).When(Deactivate{Person: lena}).Then(shutOut).Again().Nothing()
	given(t).When(Deactivate{Person: lena}).Refused(domain.NotFound, "person_not_found")
}

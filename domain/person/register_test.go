package person

import (
	"testing"

	"lobby.example/domain"
)

func TestRule1_APersonHasOneRoleForGood(t *testing.T) {
	for _, role := range []Role{Landlord, Tenant, ServicePro} {
		given(t).When(Register{Person: lena, Role: role, Profile: profile}).
			Then(Registered{Person: lena, Role: role, Profile: profile}).Again().Nothing()
	}
	for _, role := range []Role{"", "owner", "Landlord"} {
		r := given(t).When(Register{Person: lena, Role: role, Profile: profile}).Refused(domain.Invalid, "unknown_role")
		if r.Field != "role" {
			t.Errorf("field %q", r.Field)
		}
	}
	given(t, registered).When(Register{Person: lena, Role: Tenant, Profile: profile}).Refused(domain.Conflict, "already_registered")
}

func TestRule1_APersonIsRegisteredOnce(t *testing.T) {
	given(t, registered).When(register(profile)).Nothing()
	given(t, registered).When(register(Profile{Name: "Lena Lund"})).Refused(domain.Conflict, "already_registered")
	t.Run("and not again after being deactivated", func(t *testing.T) {
		given(t, registered, shutOut).When(register(profile)).Refused(domain.Conflict, "already_registered")
	})
}

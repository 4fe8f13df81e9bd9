package connection

import (
	"testing"

	"lobby.example/domain"
)

func TestRule2_EitherMayInviteTheOther(t *testing.T) {
	given(t).When(Invite{From: lena, To: tom}).Then(invited).Again().Nothing()
	given(t).When(Invite{From: tom, To: lena}).Then(InvitationSent{From: tom, To: lena}).Again().Nothing()
}

func TestRule2_InvitationsThatCrossMakeAConnection(t *testing.T) {
	given(t, invited).When(Invite{From: tom, To: lena}).Then(accepted).Again().Nothing()
}

func TestRule2_InvitingWhoIsConnectedDoesNothing(t *testing.T) {
	given(t, invited, accepted).When(Invite{From: lena, To: tom}).Nothing()
	given(t, invited, accepted).When(Invite{From: tom, To: lena}).Nothing()
}

func TestRule2_EitherMayInviteAgain(t *testing.T) {
	t.Run("after it was declined", func(t *testing.T) {
		given(t, invited, declined).When(Invite{From: lena, To: tom}).Then(invited)
		given(t, invited, declined).When(Invite{From: tom, To: lena}).Then(InvitationSent{From: tom, To: lena})
	})
	t.Run("after a disconnect", func(t *testing.T) {
		given(t, invited, accepted, ended).When(Invite{From: tom, To: lena}).Then(InvitationSent{From: tom, To: lena})
	})
	t.Run("after it was withdrawn, and then the other answers", func(t *testing.T) {
		given(t, invited, Ended{By: lena.Person, Other: tom.Person}, InvitationSent{From: tom, To: lena}).
			When(AcceptInvitation{Connection: pair, By: lena.Person}).
			Then(InvitationAccepted{By: lena.Person, Other: tom.Person})
	})
}

func TestNobodyInvitesThemselves(t *testing.T) {
	r := given(t).When(Invite{From: lena, To: lena}).Refused(domain.Invalid, "self_connection")
	if r.Field != "person" {
		t.Errorf("field %q", r.Field)
	}
}

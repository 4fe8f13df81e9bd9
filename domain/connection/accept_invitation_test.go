package connection

import (
	"testing"

	"lobby.example/domain"
)

func TestRule2_TheOneWhoWasInvitedAccepts(t *testing.T) {
	given(t, invited).When(AcceptInvitation{Connection: pair, By: tom.Person}).Then(accepted).Again().Nothing()
}

func TestRule2_NobodyAcceptsTheirOwnInvitation(t *testing.T) {
	given(t, invited).When(AcceptInvitation{Connection: pair, By: lena.Person}).Refused(domain.Forbidden, "own_invitation")
	given(t, invited, declined, InvitationSent{From: tom, To: lena}).
		When(AcceptInvitation{Connection: pair, By: tom.Person}).Refused(domain.Forbidden, "own_invitation")
}

func TestRule2_AnInvitationIsOpenOnce(t *testing.T) {
	t.Run("declined", func(t *testing.T) {
		given(t, invited, declined).When(AcceptInvitation{Connection: pair, By: tom.Person}).Refused(domain.Conflict, "no_invitation")
	})
	t.Run("withdrawn", func(t *testing.T) {
		given(t, invited, Ended{By: lena.Person, Other: tom.Person}).
			When(AcceptInvitation{Connection: pair, By: tom.Person}).Refused(domain.Conflict, "no_invitation")
	})
	t.Run("disconnected", func(t *testing.T) {
		given(t, invited, accepted, ended).When(AcceptInvitation{Connection: pair, By: tom.Person}).Refused(domain.Conflict, "no_invitation")
	})
}

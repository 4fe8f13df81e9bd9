package connection

import (
	"testing"

	"lobby.example/domain"
)

func TestRule2_TheOneWhoWasInvitedDeclines(t *testing.T) {
	given(t, invited).When(DeclineInvitation{Connection: pair, By: tom.Person}).Then(declined).Again().Nothing()
}

func TestRule2_NobodyDeclinesTheirOwnInvitation(t *testing.T) {
	given(t, invited).When(DeclineInvitation{Connection: pair, By: lena.Person}).Refused(domain.Forbidden, "own_invitation")
}

func TestRule2_WhoIsConnectedHasNothingToDecline(t *testing.T) {
	given(t, invited, accepted).When(DeclineInvitation{Connection: pair, By: tom.Person}).Refused(domain.Conflict, "no_invitation")
	given(t, invited, accepted, ended).When(DeclineInvitation{Connection: pair, By: tom.Person}).Refused(domain.Conflict, "no_invitation")
}

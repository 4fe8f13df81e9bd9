package connection

import (
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule4_EitherMayDisconnect(t *testing.T) {
	given(t, invited, accepted).When(Disconnect{Connection: pair, By: tom.Person}).Then(ended).Again().Nothing()
	given(t, invited, accepted).When(Disconnect{Connection: pair, By: lena.Person}).
		Then(Ended{By: lena.Person, Other: tom.Person}).Again().Nothing()
}

func TestRule4_ByDisconnectingAnInvitationIsWithdrawn(t *testing.T) {
	given(t, invited).When(Disconnect{Connection: pair, By: lena.Person}).Then(Ended{By: lena.Person, Other: tom.Person})
}

func TestRule4_WhatIsNotConnectedIsNotDisconnected(t *testing.T) {
	given(t, invited, declined).When(Disconnect{Connection: pair, By: lena.Person}).Nothing()
	given(t, invited, accepted, ended).When(Disconnect{Connection: pair, By: lena.Person}).Nothing()
}

func TestRule4_DisconnectingEndsTheLeasesOfThePair(t *testing.T) {
	garage := flat
	garage.ID, garage.Property = scenario.ID("garage lease"), scenario.ID("garage")
	sharedGarage := LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: garage}

	given(t, invited, accepted, shared, sharedGarage).When(Disconnect{Connection: pair, By: tom.Person}).Then(
		endOf(flat, tom.Person, Parted),
		endOf(garage, tom.Person, Parted),
		ended,
	).Again().Nothing()

	t.Run("whoever invited", func(t *testing.T) {
		given(t, InvitationSent{From: tom, To: lena}, InvitationAccepted{By: lena.Person, Other: tom.Person}, shared).
			When(Disconnect{Connection: pair, By: tom.Person}).Then(endOf(flat, tom.Person, Parted), ended)
	})
	t.Run("but not those that have ended", func(t *testing.T) {
		given(t, invited, accepted, shared, leaseEnded, sharedGarage).When(Disconnect{Connection: pair, By: tom.Person}).
			Then(endOf(garage, tom.Person, Parted), ended)
	})
	t.Run("and connecting again does not bring them back", func(t *testing.T) {
		s := domain.Fold(State{}, []Event{
			invited, accepted, shared, endOf(flat, tom.Person, Parted), ended, invited, accepted,
		}...)
		if leases := s.ActiveLeases(today); len(leases) > 0 {
			t.Errorf("active after reconnecting: %+v", leases)
		}
	})
}

func TestRule4_TheConversationStaysButTakesNoMessage(t *testing.T) {
	parted := []Event{invited, accepted, wrote(lena, tom, "hello"), ended}
	given(t, parted...).When(write(lena, "are you there?")).Refused(domain.Forbidden, "not_connected")
	given(t, parted...).When(see(tom, "hello")).Then(saw(tom, "hello"))
}

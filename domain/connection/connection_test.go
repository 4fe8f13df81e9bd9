package connection

import (
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule1_APairHasExactlyOneConnection(t *testing.T) {
	if Between(lena.Person, tom.Person) != Between(tom.Person, lena.Person) {
		t.Error("the connection of two people depends on their order")
	}
	if Between(lena.Person, tom.Person) == Between(lena.Person, eve.Person) {
		t.Error("two pairs have one connection")
	}
	if a, b := (Invite{From: lena, To: tom}).Stream(), (Invite{From: tom, To: lena}).Stream(); a != b || a != Stream(pair) {
		t.Errorf("invitations go to %s and %s, want both in %s", a, b, Stream(pair))
	}
	// The ids are in every log there is, so the way they are made is fixed.
	a, b := uuid.MustParse("00000000-0000-4000-8000-000000000001"), uuid.MustParse("00000000-0000-4000-8000-000000000002")
	if got, want := Between(b, a).String(), "2bf5e8da-c362-55c0-9824-c0b593f9eca3"; got != want {
		t.Errorf("Between = %s, want %s", got, want)
	}
	if a != uuid.MustParse("00000000-0000-4000-8000-000000000001") {
		t.Error("Between changed what it was given")
	}
}

func TestRule8_ForAnybodyElseThereIsNoSuchChannel(t *testing.T) {
	commandsOf := func(who Party) []domain.Command[State] {
		return []domain.Command[State]{
			AcceptInvitation{Connection: pair, By: who.Person},
			DeclineInvitation{Connection: pair, By: who.Person},
			Disconnect{Connection: pair, By: who.Person},
			ShareLease{Connection: pair, By: who.Person, Lease: flat, Today: today},
			EndLease{Connection: pair, By: who.Person, Lease: flat.ID},
			EndLease{Connection: pair, By: who.Person, Lease: scenario.ID("no lease")},
			write(who, "hello"),
			see(who, "hello"),
			takeBack(who, "hello"),
			takeBack(who, "never written"),
		}
	}
	for _, command := range commandsOf(eve) {
		given(t, invited, accepted, shared, wrote(lena, tom, "hello")).
			When(command).Refused(domain.NotFound, "channel_not_found")
	}
	for _, command := range commandsOf(lena) {
		given(t).When(command).Refused(domain.NotFound, "channel_not_found")
	}
}

func TestPartiesKeepTheirRoles(t *testing.T) {
	s := domain.Fold(State{}, Event(invited))
	if s.Other(lena.Person) != tom || s.Other(tom.Person) != lena {
		t.Errorf("others are %+v and %+v", s.Other(lena.Person), s.Other(tom.Person))
	}
	if s.party(lena.Person) != lena || s.party(tom.Person) != tom {
		t.Errorf("the two are %+v and %+v", s.party(lena.Person), s.party(tom.Person))
	}
}

func TestGoldenFold(t *testing.T) {
	garage := Lease{ID: scenario.ID("garage lease"), Property: scenario.ID("garage"), Name: "Garage", Start: "2026-05-01", End: "2026-05-31"}
	scenario.GoldenFold(t, Noun,
		invited, declined, InvitationSent{From: tom, To: lena}, InvitationAccepted{By: lena.Person, Other: tom.Person},
		shared, LeaseShared{By: lena.Person, Tenant: tom.Person, Lease: garage},
		wrote(lena, tom, "one"), wrote(tom, lena, "two"), wrote(lena, tom, "three"), wrote(tom, lena, "four"),
		saw(tom, "one"), saw(lena, "four"), deleted(tom, lena, "two"),
		endOf(garage, uuid.Nil, Expired), ended,
	)
}

package connection

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule7_AnAuthorDeletesAnUnseenMessage(t *testing.T) {
	given(t, invited, accepted, wrote(lena, tom, "oops")).When(takeBack(lena, "oops")).Then(deleted(lena, tom, "oops")).Again().Nothing()

	t.Run("also when others were seen", func(t *testing.T) {
		given(t, invited, accepted, wrote(lena, tom, "one"), wrote(lena, tom, "oops"), saw(tom, "one")).
			When(takeBack(lena, "oops")).Then(deleted(lena, tom, "oops")).Again().Nothing()
	})
	t.Run("also after a disconnect", func(t *testing.T) {
		given(t, invited, accepted, wrote(lena, tom, "oops"), ended).When(takeBack(lena, "oops")).Then(deleted(lena, tom, "oops"))
	})
}

// P12: see against delete has one winner.
func TestRule7_ASeenMessageStays(t *testing.T) {
	past := given(t,
		invited, accepted,
		wrote(lena, tom, "oops"),
		saw(tom, "oops"),
		wrote(lena, tom, "never mind"), saw(tom, "never mind"), wrote(tom, lena, "what?"), saw(lena, "what?"),
	)
	r := past.When(takeBack(lena, "oops")).Refused(domain.Conflict, "already_seen")
	want := &domain.Deciding{Stream: Stream(pair), Revision: 3, Time: scenario.Time(3), By: tom.Person}
	if diff := cmp.Diff(want, r.Decided); diff != "" {
		t.Errorf("what decided (-want +got):\n%s", diff)
	}
	given(t, invited, accepted, wrote(lena, tom, "oops"), deleted(lena, tom, "oops")).When(see(tom, "oops")).Nothing()
}

func TestRule7_OnlyTheAuthorDeletes(t *testing.T) {
	t.Run("unseen", func(t *testing.T) {
		given(t, invited, accepted, wrote(lena, tom, "mine")).When(takeBack(tom, "mine")).Refused(domain.Forbidden, "not_author")
	})
	t.Run("seen", func(t *testing.T) {
		given(t, invited, accepted, wrote(lena, tom, "mine"), saw(tom, "mine")).
			When(takeBack(tom, "mine")).Refused(domain.Forbidden, "not_author")
	})
	t.Run("and what was deleted never was there for the other", func(t *testing.T) {
		given(t, invited, accepted, wrote(lena, tom, "mine"), deleted(lena, tom, "mine")).
			When(takeBack(tom, "mine")).Refused(domain.NotFound, "entry_not_found")
	})
}

func TestRule7_WhatWasNeverWrittenIsNotDeleted(t *testing.T) {
	given(t, invited, accepted, wrote(lena, tom, "one"), saw(tom, "one")).
		When(takeBack(lena, "elsewhere")).Refused(domain.NotFound, "entry_not_found")
}

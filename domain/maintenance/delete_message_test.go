package maintenance

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule6_AnAuthorDeletesAMessageThatNobodyElseHasSeen(t *testing.T) {
	past := byTom(shared(pat, All), wrote(tom, "oops", lena, pat))
	given(t, past...).When(takeBack(tom, "oops")).Then(deleted(tom, "oops", lena, pat)).Again().Nothing()

	t.Run("the description too", func(t *testing.T) {
		given(t, past...).When(takeBack(tom, "description")).Then(deleted(tom, "description", lena, pat)).Again().Nothing()
	})
	t.Run("also when others were seen", func(t *testing.T) {
		given(t, append(past, saw(lena, "description"))...).When(takeBack(tom, "oops")).Then(deleted(tom, "oops", lena, pat))
	})
	t.Run("in a closed request too", func(t *testing.T) {
		canceled := append(past, wasSet(lena, New, Canceled, tom, pat))
		given(t, canceled...).When(takeBack(tom, "oops")).Then(deleted(tom, "oops", lena, pat)).Again().Nothing()
		given(t, append(canceled, wasSet(lena, Canceled, Archived, tom, pat))...).
			When(takeBack(tom, "oops")).Then(deleted(tom, "oops", lena, pat)).Again().Nothing()
	})
}

// P12: see against delete has one winner, whoever of the others saw it.
func TestRule6_AMessageThatAnyOtherHasSeenStays(t *testing.T) {
	past := byTom(shared(pat, All), shared(kim, All), wrote(tom, "oops", lena, pat, kim)) // revisions 0 to 4
	refused := func(t *testing.T, by Party, events ...Event) {
		t.Helper()
		r := given(t, append(past, events...)...).When(takeBack(tom, "oops")).Refused(domain.Conflict, "already_seen")
		want := &domain.Deciding{Stream: Stream(request), Revision: 5, Time: scenario.Time(5), By: by.Person}
		if diff := cmp.Diff(want, r.Decided); diff != "" {
			t.Errorf("what decided (-want +got):\n%s", diff)
		}
	}
	t.Run("the landlord", func(t *testing.T) { refused(t, lena, saw(lena, "oops")) })
	t.Run("a service pro", func(t *testing.T) { refused(t, pat, saw(pat, "oops")) })
	t.Run("another tenant", func(t *testing.T) { refused(t, kim, saw(kim, "oops")) })
	t.Run("the first of several", func(t *testing.T) { refused(t, kim, saw(kim, "oops"), saw(lena, "oops")) })
	t.Run("all of them", func(t *testing.T) {
		refused(t, pat, saw(pat, "oops"), saw(kim, "oops"), saw(lena, "oops"), wrote(lena, "what?", tom, pat, kim))
	})
	t.Run("before canceling", func(t *testing.T) { refused(t, pat, saw(pat, "oops"), wasSet(tom, New, Canceled, lena, pat, kim)) })
	t.Run("after canceling", func(t *testing.T) {
		given(t, append(past, wasSet(tom, New, Canceled, lena, pat, kim), saw(pat, "oops"))...).
			When(takeBack(tom, "oops")).Refused(domain.Conflict, "already_seen")
	})
	t.Run("and what was deleted is not seen", func(t *testing.T) {
		given(t, append(past, deleted(tom, "oops", lena, pat, kim))...).When(see(pat, "oops")).Nothing()
	})
}

func TestRule3_ADeletionAsksWhoCameToShareIt(t *testing.T) {
	before := byTom(wrote(tom, "oops", lena))
	given(t, append(before, shared(pat, All))...).When(takeBack(tom, "oops")).Then(deleted(tom, "oops", lena, pat))
	given(t, append(before, shared(pat, All), saw(pat, "oops"))...).When(takeBack(tom, "oops")).Refused(domain.Conflict, "already_seen")

	t.Run("of a description that nobody else had", func(t *testing.T) {
		given(t, byLena(shared(pat, All))...).When(takeBack(lena, "description")).Then(deleted(lena, "description", pat))
		given(t, byLena(shared(pat, All), saw(pat, "description"))...).
			When(takeBack(lena, "description")).Refused(domain.Conflict, "already_seen")
	})
	t.Run("but not who shares it from now on", func(t *testing.T) {
		past := append(before, shared(pat, FromNow))
		given(t, past...).When(see(pat, "oops")).Nothing()
		given(t, past...).When(takeBack(tom, "oops")).Then(deleted(tom, "oops", lena, pat))
	})
}

func TestRule3_ADeletionDoesNotAskWhoWasUnshared(t *testing.T) {
	past := byTom(shared(pat, All), wrote(tom, "oops", lena, pat))
	given(t, append(past, unshared(pat))...).When(takeBack(tom, "oops")).Then(deleted(tom, "oops", lena))

	t.Run("also where nobody else is left", func(t *testing.T) {
		given(t, byLena(shared(pat, All), wrote(lena, "oops", pat), unshared(pat))...).
			When(takeBack(lena, "oops")).Then(deleted(lena, "oops")).Again().Nothing()
	})
	t.Run("but what they have seen stays seen", func(t *testing.T) {
		given(t, append(past, saw(pat, "oops"), unshared(pat))...).When(takeBack(tom, "oops")).Refused(domain.Conflict, "already_seen")
		given(t, append(past, saw(pat, "oops"), unshared(pat), shared(pat, All))...).
			When(takeBack(tom, "oops")).Refused(domain.Conflict, "already_seen")
	})
	t.Run("and what waits for nobody else since is seen", func(t *testing.T) {
		given(t, append(past, saw(lena, "oops"), unshared(pat))...).When(takeBack(tom, "oops")).Refused(domain.Conflict, "already_seen")
	})
}

func TestRule6_OnlyTheAuthorDeletes(t *testing.T) {
	past := byTom(shared(pat, All), wrote(pat, "mine", lena, tom))
	for _, by := range []Party{lena, tom} {
		given(t, past...).When(takeBack(by, "mine")).Refused(domain.Forbidden, "not_author")
		given(t, append(past, saw(lena, "mine"))...).When(takeBack(by, "mine")).Refused(domain.Forbidden, "not_author")
		given(t, append(past, deleted(pat, "mine", lena, tom))...).When(takeBack(by, "mine")).Refused(domain.NotFound, "entry_not_found")
	}
}

func TestRule6_WhatWasNeverWrittenIsNotDeleted(t *testing.T) {
	given(t, byTom()...).When(takeBack(tom, "elsewhere")).Refused(domain.NotFound, "entry_not_found")
}

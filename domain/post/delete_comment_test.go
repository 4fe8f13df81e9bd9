package post

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule8_AnAuthorDeletesAnUnseenComment(t *testing.T) {
	given(t, published, commented(tom, "oops")).When(takeBack(tom, "oops")).Then(tookBack(tom, "oops")).Again().Nothing()

	t.Run("also when others were seen", func(t *testing.T) {
		given(t, published, commented(tom, "one"), commented(tom, "oops"), saw("one")).
			When(takeBack(tom, "oops")).Then(tookBack(tom, "oops")).Again().Nothing()
	})
	t.Run("also after comments were closed or the post was edited", func(t *testing.T) {
		given(t, published, commented(tom, "oops"), closed, edited).When(takeBack(tom, "oops")).Then(tookBack(tom, "oops"))
	})
}

// P12: see against delete has one winner.
func TestRule8_P12_ACommentIsSeenOrDeleted(t *testing.T) {
	t.Run("seen first", func(t *testing.T) {
		past := given(t, published, commented(tom, "hello"), commented(tom, "oops"), saw("hello", "oops"),
			edited, commented(ann, "what?"), saw("what?"), pinned)
		r := past.When(takeBack(tom, "oops")).Refused(domain.Conflict, "already_seen")
		want := &domain.Deciding{Stream: Stream(key), Revision: 3, Time: scenario.Time(3), By: lena.Person}
		if diff := cmp.Diff(want, r.Decided); diff != "" {
			t.Errorf("what decided (-want +got):\n%s", diff)
		}
	})
	t.Run("deleted first", func(t *testing.T) {
		past := given(t, published, commented(tom, "oops"), commented(tom, "hello"), tookBack(tom, "oops"))
		past.When(see(lena, "oops")).Nothing()
		past.When(see(lena, "oops", "hello")).Then(saw("hello"))
	})
	t.Run("either one, by the order of commands", func(t *testing.T) {
		given(t, published, commented(tom, "oops")).When(see(lena, "oops")).Then(saw("oops"))
		given(t, published, commented(tom, "oops"), saw("oops")).When(takeBack(tom, "oops")).Refused(domain.Conflict, "already_seen")
		given(t, published, commented(tom, "oops")).When(takeBack(tom, "oops")).Then(tookBack(tom, "oops"))
		given(t, published, commented(tom, "oops"), tookBack(tom, "oops")).When(see(lena, "oops")).Nothing()
	})
}

// Nobody else's eyes count: their own comments stay the landlord's to delete.
func TestRule8_TheLandlordDeletesTheirOwnCommentAtAnyTime(t *testing.T) {
	past := []Event{published, commented(lena, "oops"), commented(tom, "what?"), saw("what?"), closed}
	given(t, past...).When(see(lena, "oops")).Nothing()
	given(t, past...).When(takeBack(lena, "oops")).Then(tookBack(lena, "oops")).Again().Nothing()
}

func TestRule8_OnlyTheAuthorDeletes(t *testing.T) {
	for _, who := range []Visitor{ann, lena} {
		given(t, published, commented(tom, "mine")).When(takeBack(who, "mine")).Refused(domain.Forbidden, "not_author")
		given(t, published, commented(tom, "mine"), saw("mine")).When(takeBack(who, "mine")).Refused(domain.Forbidden, "not_author")
	}
	given(t, published, commented(lena, "mine")).When(takeBack(tom, "mine")).Refused(domain.Forbidden, "not_author")
	t.Run("and what is gone never was there for others", func(t *testing.T) {
		for _, end := range []Event{tookBack(tom, "mine"), struck("mine")} {
			given(t, published, commented(tom, "mine"), end).When(takeBack(ann, "mine")).Refused(domain.NotFound, "entry_not_found")
		}
	})
}

func TestRule8_WhatTheLandlordRemovedIsGoneForItsAuthorToo(t *testing.T) {
	given(t, published, commented(tom, "mine"), struck("mine")).When(takeBack(tom, "mine")).Nothing()
	given(t, published, commented(tom, "mine"), saw("mine"), struck("mine")).When(takeBack(tom, "mine")).Nothing()
}

func TestRule8_AnAuthorWhoSeesThePostNoMoreDeletesNothing(t *testing.T) {
	for _, past := range [][]Event{
		{published, commented(tom, "mine")},
		{published, commented(tom, "mine"), saw("mine")},
		{published, commented(tom, "mine"), tookBack(tom, "mine")},
	} {
		given(t, past...).When(takeBack(gone, "mine")).Refused(domain.NotFound, "post_not_found")
	}
}

func TestRule8_WhatWasNeverWrittenIsNotDeleted(t *testing.T) {
	for _, who := range []Visitor{tom, lena} {
		given(t, published, commented(tom, "one"), saw("one")).When(takeBack(who, "elsewhere")).Refused(domain.NotFound, "entry_not_found")
	}
}

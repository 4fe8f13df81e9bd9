package attachment

import (
	"testing"
	"time"

	"lobby.example/domain"
)

func TestRule6_TheSystemRemovesWhatWasNeverBound(t *testing.T) {
	given(t, uploaded).When(Remove{Attachment: photo, Reason: NeverBound}).Then(removed).Again().Nothing()
	given(t, uploaded, bound).When(Remove{Attachment: photo, Reason: NeverBound, Bound: bound.binding()}).Then(removed).Again().Nothing()
}

func TestRule6_TheSystemRemovesWhatBelongedToAnEntryThatIsGone(t *testing.T) {
	remove := Remove{Attachment: photo, Reason: EntryGone, Bound: bound.binding()}
	given(t, uploaded, bound).When(remove).Then(Removed{Attachment: photo, Reason: EntryGone}).Again().Nothing()
	t.Run("again for another reason", func(t *testing.T) {
		given(t, uploaded, removed).When(remove).Nothing()
	})
}

func TestRule6_WhatWasBoundSinceTheSystemLookedStays(t *testing.T) {
	given(t, uploaded, bound).When(Remove{Attachment: photo, Reason: NeverBound}).Refused(domain.Conflict, "already_bound")
	for _, since := range []Bound{
		boundTo(other, "drip", noon.Add(time.Hour)),
		boundTo(channel, "hello", noon.Add(time.Hour)),
	} {
		for _, reason := range []Reason{NeverBound, EntryGone} {
			given(t, uploaded, bound, since).When(Remove{Attachment: photo, Reason: reason, Bound: bound.binding()}).
				Refused(domain.Conflict, "already_bound")
		}
	}
}

func TestRule6_AReasonIsOneOfTwo(t *testing.T) {
	for _, reason := range []Reason{"", "boredom"} {
		given(t, uploaded).When(Remove{Attachment: photo, Reason: reason}).Refused(domain.Invalid, "unknown_reason")
	}
	given(t).When(Remove{Attachment: photo, Reason: NeverBound}).Refused(domain.NotFound, "attachment_not_found")
}

package post

import (
	"testing"

	"lobby.example/domain"
)

func TestRule9_TheLandlordRemovesAnyComment(t *testing.T) {
	for name, past := range map[string][]Event{
		"unseen":               {published, commented(tom, "rude")},
		"seen":                 {published, commented(tom, "rude"), saw("rude")},
		"their own":            {published, commented(lena, "rude")},
		"on a closed post":     {published, commented(tom, "rude"), closed},
		"seen, of a lot":       {published, commented(ann, "one"), commented(tom, "rude"), saw("one", "rude"), commented(ann, "two")},
		"after another's went": {published, commented(ann, "one"), commented(tom, "rude"), saw("rude"), struck("one")},
	} {
		t.Run(name, func(t *testing.T) {
			given(t, past...).When(strike(lena, "rude")).Then(struck("rude")).Again().Nothing()
		})
	}
}

func TestRule9_WhatIsGoneIsNotRemoved(t *testing.T) {
	given(t, published, commented(tom, "rude"), tookBack(tom, "rude")).When(strike(lena, "rude")).Nothing()
	given(t, published, commented(tom, "rude"), saw("rude"), struck("rude")).When(strike(lena, "rude")).Nothing()
	given(t, published, commented(tom, "rude")).When(strike(lena, "never written")).Refused(domain.NotFound, "entry_not_found")
}

func TestRule9_NobodyElseRemovesAComment(t *testing.T) {
	for _, who := range []Visitor{tom, ann, eve} {
		for _, past := range [][]Event{
			{published, commented(tom, "mine")},
			{published, commented(tom, "mine"), saw("mine")},
			{published, commented(tom, "mine"), struck("mine")},
		} {
			given(t, past...).When(strike(who, "mine")).Refused(domain.NotFound, "post_not_found")
		}
	}
}

package maintenance

import (
	"testing"

	"lobby.example/domain"
)

func TestRule2_TheLandlordUnshares(t *testing.T) {
	for status, past := range ways {
		t.Run(string(status), func(t *testing.T) {
			given(t, past...).When(unshare(pat)).Then(unshared(pat)).Again().Nothing()
			given(t, past...).When(unshare(tom)).Then(unshared(tom)).Again().Nothing()
		})
	}
}

func TestRule2_WhatIsNotSharedIsNotUnshared(t *testing.T) {
	for _, person := range []Party{kim, eve, lena} {
		given(t, byTom(shared(pat, All))...).When(unshare(person)).Nothing()
	}
}

func TestRule2_OnlyTheLandlordUnshares(t *testing.T) {
	for _, by := range []Party{tom, pat} {
		for _, person := range []Party{tom, pat, kim} { // nobody leaves by themselves either
			c := unshare(person)
			c.By = today(by)
			given(t, byTom(shared(pat, All))...).When(c).Refused(domain.Forbidden, "not_the_landlord")
		}
	}
}

func TestRule3_WhoIsUnsharedIsAskedNoMore(t *testing.T) {
	t.Run("nothing waits for them", func(t *testing.T) {
		past := byTom(shared(pat, All), wrote(tom, "one", lena, pat), unshared(pat))
		given(t, append(past, saw(lena, "one"))...).When(see(pat, "one")).Refused(domain.NotFound, "channel_not_found")
	})
	t.Run("also when they come back to what follows only", func(t *testing.T) {
		past := byTom(shared(pat, All), wrote(tom, "one", lena, pat), unshared(pat), shared(pat, FromNow))
		given(t, past...).When(see(pat, "one")).Nothing()
	})
	t.Run("but what waits still does where they come back to all", func(t *testing.T) {
		past := byTom(shared(pat, All), wrote(tom, "one", lena, pat), unshared(pat), shared(pat, All))
		given(t, past...).When(see(pat, "one")).Then(saw(pat, "one"))
	})
}

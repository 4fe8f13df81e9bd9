package maintenance

import (
	"fmt"
	"slices"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule2_TheLandlordSharesWithATenantOrAServicePro(t *testing.T) {
	for _, with := range []Party{pat, kim} {
		for _, history := range []string{All, FromNow} {
			given(t, byTom()...).When(share(with, history)).Then(shared(with, history)).Again().Nothing()
			given(t, byLena()...).When(share(with, history)).Then(shared(with, history)).Again().Nothing()
		}
	}
	t.Run("and what is shared already, is, whatever is said of the history", func(t *testing.T) {
		given(t, byTom(shared(pat, FromNow))...).When(share(pat, All)).Nothing()
		given(t, byTom()...).When(share(tom, FromNow)).Nothing()
	})
	t.Run("again after it was unshared", func(t *testing.T) {
		given(t, byTom(shared(pat, All), unshared(pat))...).When(share(pat, FromNow)).Then(shared(pat, FromNow))
	})
}

func TestRule2_OnlyTheLandlordShares(t *testing.T) {
	for _, by := range []Party{tom, pat} {
		c := share(kim, All)
		c.By = today(by)
		given(t, byTom(shared(pat, All))...).When(c).Refused(domain.Forbidden, "not_the_landlord")
		c.With = pat
		given(t, byTom(shared(pat, All))...).When(c).Refused(domain.Forbidden, "not_the_landlord")
	}
}

func TestRule2_ARequestIsSharedWithWhoIsConnected(t *testing.T) {
	c := share(pat, All)
	c.Connected = false
	given(t, byTom()...).When(c).Refused(domain.Forbidden, "not_connected")
	given(t, byTom(shared(pat, All))...).When(c).Refused(domain.Forbidden, "not_connected")
}

func TestRule2_ARequestIsNotSharedWithAnotherLandlord(t *testing.T) {
	for _, role := range []string{"landlord", ""} {
		given(t, byTom()...).When(share(Party{Person: eve.Person, Role: role}, All)).Refused(domain.Forbidden, "not_shareable")
	}
}

func TestRule2_NobodySharesWithThemselves(t *testing.T) {
	c := share(lena, All)
	for _, connected := range []bool{true, false} {
		c.Connected = connected
		if r := given(t, byTom()...).When(c).Refused(domain.Invalid, "self_share"); r.Field != "person" {
			t.Errorf("field %q", r.Field)
		}
	}
}

func TestRule2_OnlyAnOpenRequestIsShared(t *testing.T) {
	for status, past := range ways {
		answer := given(t, past...).When(share(kim, All))
		if status.Open() {
			answer.Then(shared(kim, All))
		} else {
			answer.Refused(domain.Conflict, "request_closed")
		}
		given(t, past...).When(share(pat, All)).Nothing()
	}
}

func TestRule2_ARequestIsSharedWith100People(t *testing.T) {
	past := byLena()
	for i := range MaxShares - 1 {
		past = append(past, shared(Party{Person: scenario.ID(fmt.Sprint(i)), Role: "tenant"}, FromNow))
	}
	given(t, past...).When(share(pat, All)).Then(shared(pat, All))
	full := append(past, shared(pat, All))
	given(t, full...).When(share(kim, All)).Refused(domain.Conflict, "too_many_shares")
	given(t, full...).When(share(pat, All)).Nothing()
	given(t, append(full, unshared(pat))...).When(share(kim, All)).Then(shared(kim, All))
}

func TestRule3_AHistoryIsAllOrFromNow(t *testing.T) {
	given(t, byTom()...).When(share(pat, "")).Then(shared(pat, All))
	for _, history := range []string{"some", "ALL"} {
		if r := given(t, byTom()...).When(share(pat, history)).Refused(domain.Invalid, "unknown_history"); r.Field != "history" {
			t.Errorf("field %q", r.Field)
		}
	}
}

func TestRule3_WhoComesToShareSeesTheMessagesFromBefore(t *testing.T) {
	before := byTom(wrote(lena, "one", tom), saw(tom, "one"), wrote(tom, "two", lena), saw(lena, "description"))
	t.Run("seen by the others or not", func(t *testing.T) {
		given(t, append(before, shared(pat, All))...).When(see(pat, "two", "description", "one")).
			Then(saw(pat, "description", "one", "two")).Again().Nothing()
	})
	t.Run("but none where it is shared from now on", func(t *testing.T) {
		given(t, append(before, shared(pat, FromNow))...).When(see(pat, "description", "one", "two")).Nothing()
	})
	t.Run("and those that follow", func(t *testing.T) {
		for _, history := range []string{All, FromNow} {
			past := slices.Concat(before, []Event{shared(pat, history), wrote(tom, "three", lena, pat)})
			given(t, past...).When(see(pat, "three")).Then(saw(pat, "three")).Again().Nothing()
		}
	})
	t.Run("also what the landlord wrote when nobody else was there", func(t *testing.T) {
		given(t, byLena(shared(tom, All))...).When(see(tom, "description")).Then(saw(tom, "description"))
		given(t, byLena(shared(tom, FromNow))...).When(see(tom, "description")).Nothing()
	})
	t.Run("but not what was deleted", func(t *testing.T) {
		given(t, append(before, deleted(tom, "two", lena), shared(pat, All))...).When(see(pat, "two")).Nothing()
	})
	t.Run("and not their own from an earlier time", func(t *testing.T) {
		given(t, byTom(shared(pat, All), wrote(pat, "mine", lena, tom), unshared(pat), shared(pat, All))...).
			When(see(pat, "mine")).Nothing()
	})
}

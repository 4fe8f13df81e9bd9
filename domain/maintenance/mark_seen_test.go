package maintenance

import (
	"fmt"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

func TestRule6_WhoMayReadMayMarkAsSeen(t *testing.T) {
	for status, past := range ways {
		t.Run(string(status), func(t *testing.T) {
			given(t, past...).When(see(lena, "description")).Then(saw(lena, "description")).Again().Nothing()
			given(t, past...).When(see(pat, "description")).Then(saw(pat, "description")).Again().Nothing()
		})
	}
}

func TestRule5_AfterCancelingWhoSharedItStillSeesWhatTheyHad(t *testing.T) {
	past := byTom(shared(pat, FromNow), wrote(lena, "one", tom, pat), wasSet(tom, New, Canceled, lena, pat))
	given(t, past...).When(see(pat, "description", "one")).Then(saw(pat, "one")).Again().Nothing()
	given(t, past...).When(see(tom, "one")).Then(saw(tom, "one")).Again().Nothing()
	given(t, append(past, wasSet(lena, Canceled, Archived, tom, pat))...).When(see(pat, "one")).Then(saw(pat, "one"))
}

// P03, P04: seeing names entries, and one's own are not among them.
func TestRule6_SeeingRecordsWhatWaitsForTheReader(t *testing.T) {
	past := given(t, byTom(shared(pat, All), wrote(lena, "one", tom, pat), wrote(pat, "two", lena, tom), wrote(lena, "three", tom, pat), saw(pat, "one"))...)
	t.Run("not their own messages", func(t *testing.T) { past.When(see(pat, "two")).Nothing() })
	t.Run("not what they saw before", func(t *testing.T) { past.When(see(pat, "one")).Nothing() })
	t.Run("not what is of another channel", func(t *testing.T) { past.When(see(pat, "elsewhere")).Nothing() })
	t.Run("each of them once, and for themselves only", func(t *testing.T) {
		past.When(see(pat, "three", "one", "two", "elsewhere", "three")).Then(saw(pat, "three"))
		past.When(see(tom, "three", "two", "one")).Then(saw(tom, "one", "two", "three"))
	})
	t.Run("not what was deleted", func(t *testing.T) {
		given(t, byTom(wrote(lena, "one", tom), deleted(lena, "one", tom))...).When(see(tom, "one")).Nothing()
	})
}

// Seen by everybody else, a message is let go by the state; who came later sees it
// all the same.
func TestRule3_WhoCameLaterMarksWhatWasWrittenBefore(t *testing.T) {
	past := byTom(saw(lena, "description"), wrote(lena, "one", tom), saw(tom, "one"), shared(pat, All))
	given(t, past...).When(see(pat, "one", "description", "elsewhere")).Then(saw(pat, "description", "one")).Again().Nothing()
	given(t, append(past, unshared(pat), shared(pat, FromNow))...).When(see(pat, "one", "description")).Nothing()
	given(t, append(past, saw(pat, "one"), unshared(pat), shared(pat, All))...).When(see(pat, "one", "description")).Then(saw(pat, "description"))
	back := append(past, wrote(lena, "two", tom, pat), saw(pat, "two"), unshared(pat), shared(pat, All)) // Tom has not seen it
	given(t, back...).When(see(pat, "two")).Nothing()
	given(t, back...).When(see(pat, "two", "one")).Then(saw(pat, "one"))
	given(t, past...).When(see(pat, nil...)).Refused(domain.Invalid, "entries_count")
}

// What they had seen before they left they have seen, also where it waits for others.
func TestRule3_WhoComesBackHasSeenWhatTheySaw(t *testing.T) {
	past := byTom(shared(pat, All), wrote(lena, "one", tom, pat), saw(pat, "one"), unshared(pat), shared(pat, All))
	given(t, past...).When(see(pat, "one")).Nothing()
	given(t, past...).When(see(pat, "one", "description")).Then(saw(pat, "description")).Again().Nothing()
}

func TestRule6_ACommandNames1To500Messages(t *testing.T) {
	past := byTom()
	var texts []string
	for i := range thread.MaxSeen + 1 {
		texts = append(texts, fmt.Sprint(i))
		past = append(past, wrote(lena, texts[i], tom))
	}
	full := given(t, past...)
	full.When(see(tom, texts[:thread.MaxSeen]...)).Then(saw(tom, texts[:thread.MaxSeen]...))
	for _, texts := range [][]string{nil, texts} {
		if r := full.When(see(tom, texts...)).Refused(domain.Invalid, "entries_count"); r.Field != "entries" {
			t.Errorf("field %q", r.Field)
		}
	}
}

package connection

import (
	"fmt"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

func TestRule7_WhoMayReadMayMarkAsSeen(t *testing.T) {
	for state, past := range map[string][]Event{
		"connected":    {invited, accepted, wrote(lena, tom, "one"), wrote(lena, tom, "two")},
		"disconnected": {invited, accepted, wrote(lena, tom, "one"), wrote(lena, tom, "two"), ended},
		"invited anew": {invited, accepted, wrote(lena, tom, "one"), wrote(lena, tom, "two"), ended, invited},
	} {
		t.Run(state, func(t *testing.T) {
			given(t, past...).When(see(tom, "two")).Then(saw(tom, "two")).Again().Nothing()
			given(t, past...).When(see(tom, "two", "one")).Then(saw(tom, "one", "two")).Again().Nothing()
		})
	}
}

// P03, P04: seeing names entries, and one's own are not among them.
func TestRule7_SeeingRecordsWhatWaitsForTheReader(t *testing.T) {
	past := given(t, invited, accepted, wrote(lena, tom, "one"), wrote(tom, lena, "two"), wrote(lena, tom, "three"), saw(tom, "one"))
	t.Run("not their own messages", func(t *testing.T) { past.When(see(tom, "two")).Nothing() })
	t.Run("not what they saw before", func(t *testing.T) { past.When(see(tom, "one")).Nothing() })
	t.Run("not what is of another channel", func(t *testing.T) { past.When(see(tom, "elsewhere")).Nothing() })
	t.Run("each of them once", func(t *testing.T) {
		past.When(see(tom, "three", "one", "two", "elsewhere", "three")).Then(saw(tom, "three"))
	})
	t.Run("not what was deleted", func(t *testing.T) {
		given(t, invited, accepted, wrote(lena, tom, "one"), deleted(lena, tom, "one")).When(see(tom, "one")).Nothing()
	})
}

func TestRule7_ACommandNames1To500Messages(t *testing.T) {
	past := []Event{invited, accepted}
	var texts []string
	for i := range thread.MaxSeen + 1 {
		texts = append(texts, fmt.Sprint(i))
		past = append(past, wrote(lena, tom, texts[i]))
	}
	full := given(t, past...)
	full.When(see(tom, texts[:thread.MaxSeen]...)).Then(saw(tom, texts[:thread.MaxSeen]...))
	for _, texts := range [][]string{nil, texts} {
		if r := full.When(see(tom, texts...)).Refused(domain.Invalid, "entries_count"); r.Field != "entries" {
			t.Errorf("field %q", r.Field)
		}
	}
}

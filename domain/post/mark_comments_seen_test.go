package post

import (
	"fmt"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

func TestRule8_TheLandlordMarksCommentsAsSeen(t *testing.T) {
	past := given(t, published, commented(tom, "one"), commented(lena, "two"), commented(ann, "three"), commented(tom, "four"), saw("four"))
	past.When(see(lena, "one")).Then(saw("one")).Again().Nothing()
	past.When(see(lena, "three", "one", "two", "elsewhere", "three")).Then(saw("one", "three")).Again().Nothing()

	t.Run("not their own", func(t *testing.T) { past.When(see(lena, "two")).Nothing() })
	t.Run("not what they saw before", func(t *testing.T) { past.When(see(lena, "four")).Nothing() })
	t.Run("not what is of another post", func(t *testing.T) { past.When(see(lena, "elsewhere")).Nothing() })
	t.Run("not what was deleted or removed", func(t *testing.T) {
		given(t, published, commented(tom, "one"), tookBack(tom, "one")).When(see(lena, "one")).Nothing()
		given(t, published, commented(tom, "one"), struck("one")).When(see(lena, "one")).Nothing()
	})
	t.Run("closed or not", func(t *testing.T) {
		given(t, published, commented(tom, "one"), closed).When(see(lena, "one")).Then(saw("one"))
	})
}

func TestRule5_NobodyElseMarksCommentsAsSeen(t *testing.T) {
	for _, who := range []Visitor{tom, ann, bob, eve} {
		given(t, published, commented(tom, "one")).When(see(who, "one")).Refused(domain.NotFound, "post_not_found")
		given(t, published, commented(tom, "one")).When(see(who)).Refused(domain.NotFound, "post_not_found")
	}
}

func TestRule8_ACommandNames1To500Comments(t *testing.T) {
	past := []Event{published}
	var texts []string
	for i := range thread.MaxSeen + 1 {
		texts = append(texts, fmt.Sprint(i))
		past = append(past, commented(tom, texts[i]))
	}
	full := given(t, past...)
	full.When(see(lena, texts[:thread.MaxSeen]...)).Then(saw(texts[:thread.MaxSeen]...))
	for _, texts := range [][]string{nil, texts} {
		if r := full.When(see(lena, texts...)).Refused(domain.Invalid, "entries_count"); r.Field != "entries" {
			t.Errorf("field %q", r.Field)
		}
	}
}

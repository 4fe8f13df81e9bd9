package post

import (
	"testing"

	"lobby.example/domain"
)

func TestRule5_TheLandlordClosesComments(t *testing.T) {
	shut := CloseComments{Post: key, By: lena.Person}
	given(t, published).When(shut).Then(closed).Again().Nothing()
	given(t, published, closed, opened).When(shut).Then(closed)
	without := published
	without.CommentsOpen = false
	given(t, without).When(shut).Nothing()
}

func TestRule7_WhileCommentsAreClosedNobodyComments(t *testing.T) {
	without := published
	without.CommentsOpen = false
	for name, past := range map[string][]Event{
		"from the start": {without},
		"closed later":   {published, commented(tom, "hello"), closed},
		"closed again":   {without, opened, closed},
	} {
		t.Run(name, func(t *testing.T) {
			for _, who := range []Visitor{tom, ann, lena} {
				r := given(t, past...).When(comment(who, "me too")).Refused(domain.Conflict, "comments_closed")
				if r.Message != "Commenting this post is not available" {
					t.Errorf("message %q", r.Message)
				}
			}
		})
	}
}

func TestRule7_ClosingCommentsStopsNewOnesOnly(t *testing.T) {
	past := given(t, published, commented(tom, "one"), commented(tom, "two"), saw("two"), closed)
	past.When(see(lena, "one")).Then(saw("one"))
	past.When(takeBack(tom, "one")).Then(tookBack(tom, "one"))
	past.When(strike(lena, "one")).Then(struck("one"))
	past.When(strike(lena, "two")).Then(struck("two"))
}

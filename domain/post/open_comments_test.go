package post

import "testing"

func TestRule5_TheLandlordOpensComments(t *testing.T) {
	open := OpenComments{Post: key, By: lena.Person}
	given(t, published, closed).When(open).Then(opened).Again().Nothing()
	given(t, published).When(open).Nothing()
	without := published
	without.CommentsOpen = false
	given(t, without).When(open).Then(opened)
}

func TestRule7_OpenedCommentsAreOpenToAllWhoSeeThePost(t *testing.T) {
	for _, who := range []Visitor{tom, ann, lena} {
		given(t, published, closed, opened).When(comment(who, "hello")).Then(commented(who, "hello"))
	}
}

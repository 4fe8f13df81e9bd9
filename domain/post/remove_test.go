package post

import (
	"testing"

	"lobby.example/domain"
)

func TestRule5_TheLandlordRemovesAPost(t *testing.T) {
	remove := Remove{Post: key, By: lena.Person}
	given(t, published).When(remove).Then(gonePost).Again().Nothing()
	given(t, published, commented(tom, "hello"), pinned, closed).When(remove).Then(gonePost).Again().Nothing()
	given(t, published, gonePost).When(Remove{Post: key, By: tom.Person}).Refused(domain.NotFound, "post_not_found")
}

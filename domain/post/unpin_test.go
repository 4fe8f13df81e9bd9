package post

import "testing"

func TestRule5_TheLandlordUnpinsAPost(t *testing.T) {
	unpin := Unpin{Post: key, By: lena.Person}
	given(t, published, pinned).When(unpin).Then(unpinned).Again().Nothing()
	given(t, published).When(unpin).Nothing()
}

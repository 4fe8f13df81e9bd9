package post

import "testing"

func TestRule5_TheLandlordPinsAPost(t *testing.T) {
	pin := Pin{Post: key, By: lena.Person}
	given(t, published).When(pin).Then(pinned).Again().Nothing()
	given(t, published, pinned, unpinned).When(pin).Then(pinned)
}

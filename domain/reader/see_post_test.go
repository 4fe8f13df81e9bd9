package reader

import "testing"

func TestRule4_APostIsSeenOnce(t *testing.T) {
	given(t).When(SeePost{Person: tom, Post: notice, Landlord: lena}).Then(PostSeen{Person: tom, Post: notice, Landlord: lena}).Again().Nothing()
	given(t, PostSeen{Person: tom, Post: other, Landlord: lena}).
		When(SeePost{Person: tom, Post: notice, Landlord: lena}).Then(PostSeen{Person: tom, Post: notice, Landlord: lena})
}

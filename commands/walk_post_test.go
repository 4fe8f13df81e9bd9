package commands

import (
	"testing"

	"lobby.example/domain/post"
	"lobby.example/domain/reader"
)

// TestEveryOperationOnPosts walks through all of them once: a post is published,
// read, commented on and removed.
func TestEveryOperationOnPosts(t *testing.T) {
	h := newHouse(t)
	h.lease(tom)
	a := newAPI(h, h.Service)
	const (
		on       = "/v1/posts/post-POST"
		comments = on + "/comments"
		in       = "post-POST"
		hello    = `{"text":"Hello\n"}`
		edited   = `{"category":"announcement","title":"No water","body":"On Tuesday."}`
	)
	seen := "/v1/channels/" + in + "/seen"
	board, landlord := "/v1/channels/board-"+lena.String(), "?landlord="+lena.String()
	tenants := `,"audience":{"properties":["` + flat.String() + `","` + theHouse.String() + `"]}`
	steps := []step{
		{caller: as(lena), method: "POST", path: "/v1/posts", body: noticeBody, status: 201, stream: in, kind: "post_published", made: "POST"},
		{caller: as(lena), method: "PUT", path: on, body: edited, stream: in, kind: "post_edited"},
		{caller: as(lena), method: "PUT", path: on, body: edited, stream: in},
		{caller: as(lena), method: "PUT", path: on + "/pin", stream: in, kind: "post_pinned"},
		{caller: as(lena), method: "PUT", path: on + "/pin", stream: in},
		{caller: as(lena), method: "DELETE", path: on + "/pin", stream: in, kind: "post_unpinned"},
		{caller: as(lena), method: "DELETE", path: on + "/pin", stream: in},
		{caller: as(tom), method: "POST", path: seen, body: `{"entries":["POST"]}`, stream: reader.Stream(tom), kind: "post_seen"},
		{caller: as(tom), method: "POST", path: seen, body: `{"entries":["` + flat.String() + `","POST"]}`, stream: reader.Stream(tom)},
		{caller: as(tom), method: "POST", path: comments, body: hello, status: 201, stream: in, kind: "comment_added", made: "COMMENT"},
		{caller: as(tom), method: "DELETE", path: comments + "/COMMENT", stream: in, kind: "comment_deleted"},
		{caller: as(tom), method: "DELETE", path: comments + "/COMMENT", stream: in},
		{caller: as(lena), method: "POST", path: comments + "/COMMENT/remove", stream: in},
		{caller: as(tom), method: "POST", path: comments, body: hello, status: 201, stream: in, kind: "comment_added", made: "COMMENT"},
		{caller: as(lena), method: "POST", path: seen, body: `{"entries":["COMMENT","POST"]}`, stream: in, kind: "comments_seen"},
		{caller: as(lena), method: "POST", path: seen, body: `{"entries":["COMMENT"]}`, stream: in},
		{caller: as(lena), method: "POST", path: comments + "/COMMENT/remove", stream: in, kind: "comment_removed"},
		{caller: as(lena), method: "POST", path: comments + "/COMMENT/remove", stream: in},
		{caller: as(tom), method: "DELETE", path: comments + "/COMMENT", stream: in},
		{caller: as(tom), method: "POST", path: comments, body: hello, status: 201, stream: in, kind: "comment_added", made: "COMMENT"},
		{caller: as(lena), method: "POST", path: comments + "/COMMENT/remove", stream: in, kind: "comment_removed"},
		{caller: as(lena), method: "POST", path: comments, body: hello, status: 201, stream: in, kind: "comment_added", made: "COMMENT"},
		{caller: as(lena), method: "DELETE", path: comments + "/COMMENT", stream: in, kind: "comment_deleted"},
		{caller: as(lena), method: "DELETE", path: on + "/commenting", stream: in, kind: "comments_closed"},
		{caller: as(lena), method: "DELETE", path: on + "/commenting", stream: in},
		{caller: as(tom), method: "POST", path: comments, body: hello, status: 409},
		{caller: as(lena), method: "PUT", path: on + "/commenting", stream: in, kind: "comments_opened"},
		{caller: as(lena), method: "PUT", path: on + "/commenting", stream: in},
		{caller: as(tom), method: "POST", path: comments, body: hello, status: 201, stream: in, kind: "comment_added", made: "COMMENT"},

		{caller: as(tom), method: "PUT", path: board + "/mute", body: `{"muted":true}`, stream: reader.Stream(tom), kind: "channel_muted"},
		{caller: as(tom), method: "PUT", path: board + "/mute", body: `{"muted":false}`, stream: reader.Stream(tom), kind: "channel_unmuted"},
		{caller: as(lena), method: "PUT", path: board + "/unread", body: `{"unread":true}`, stream: reader.Stream(lena), kind: "channel_marked_unread"},
		{caller: as(lena), method: "PUT", path: board + "/unread", body: `{"unread":false}`, stream: reader.Stream(lena), kind: "channel_unread_cleared"},

		// The platform does for a landlord what a landlord does.
		{caller: host, method: "PUT", path: on + landlord, body: `{"category":"job","title":"Help","body":"wanted"}`, stream: in, kind: "post_edited"},
		{caller: host, method: "PUT", path: on + "/pin" + landlord, stream: in, kind: "post_pinned"},
		{caller: host, method: "DELETE", path: on + "/pin" + landlord, stream: in, kind: "post_unpinned"},
		{caller: host, method: "DELETE", path: on + "/commenting" + landlord, stream: in, kind: "comments_closed"},
		{caller: host, method: "PUT", path: on + "/commenting" + landlord, stream: in, kind: "comments_opened"},
		{caller: host, method: "POST", path: comments + "/COMMENT/remove" + landlord, stream: in, kind: "comment_removed"},
		{caller: host, method: "DELETE", path: on + landlord, stream: in, kind: "post_removed"},
		{caller: host, method: "DELETE", path: on + landlord, stream: in},
		{caller: as(lena), method: "DELETE", path: on, stream: in},
		{caller: host, method: "POST", path: "/v1/posts" + landlord, body: noticeBody, status: 201, stream: in, kind: "post_published", made: "POST"},
		{caller: as(lena), method: "DELETE", path: on, stream: in, kind: "post_removed"},

		// One for some properties takes comments where it does not say otherwise.
		{caller: as(lena), method: "POST", path: "/v1/posts", body: `{"category":"lost_and_found","title":"Key","body":"Whose?"` + tenants + `}`, status: 201, stream: in, kind: "post_published", made: "POST"},
		{caller: as(tom), method: "POST", path: comments, body: hello, status: 201, stream: in, kind: "comment_added", made: "COMMENT"},
		{caller: as(lena), method: "POST", path: "/v1/posts", body: `{"category":"wanted","title":"Key","body":"Mine?","comments":false` + tenants + `}`, status: 201, stream: in, kind: "post_published", made: "POST"},
		{caller: as(tom), method: "POST", path: comments, body: hello, status: 409},
	}
	for _, category := range post.Categories {
		steps = append(steps, step{caller: as(lena), method: "POST", path: "/v1/posts", body: `{"category":"` + string(category) + `","title":"T","body":"B","audience":{"all":true}}`,
			status: 201, stream: in, kind: "post_published", made: "POST"})
	}
	a.walk(steps)
}

package readapi_test

import (
	"fmt"
	"lobby.example/readmodel/readmodeltest/engines"
	"slices"
	"testing"
)

var sizes = []int{1, 2, 3, 6, 7, 8, 100}

// Pages of a board have each post once, pinned ones first and then the newest,
// while new ones come.
func TestPagesOfABoardHaveEverythingOnce(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		var posts, want []string
		for i := range 7 {
			posts = append(posts, s.publish(fmt.Sprint("post ", i), "hello"))
		}
		for _, i := range []int{4, 1} {
			s.done("Anna", "PUT", "/v1/posts/"+posts[i]+"/pin", nil)
		}
		for _, i := range []int{4, 1, 6, 5, 3, 2, 0} {
			want = append(want, fmt.Sprint("post ", i))
		}
		for _, name := range []string{"Anna", "Ben"} {
			for _, size := range sizes {
				if got := s.posts(name, fmt.Sprint("limit=", size)); !slices.Equal(got, want) {
					t.Errorf("pages of %d: %q, want %q", size, got, want)
				}
				if got := s.posts(name, fmt.Sprint("text=hel&limit=", size)); !slices.Equal(got, want) {
					t.Errorf("pages of %d that a search finds: %q, want %q", size, got, want)
				}
			}
		}
		s.done("Anna", "DELETE", "/v1/posts/"+posts[4]+"/pin", nil)
		s.done("Anna", "DELETE", "/v1/posts/"+posts[6], nil)
		if got := s.posts("Ben", "limit=2"); !slices.Equal(got, []string{"post 1", "post 5", "post 4", "post 3", "post 2", "post 0"}) {
			t.Errorf("one unpinned and one removed: %q", got)
		}
	})
}

// Pages of comments have each once, the oldest first: what comes meanwhile is at
// their end.
func TestPagesOfCommentsHaveEverythingOnce(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		post := s.publish("Water", "hello")
		path := "/v1/posts/" + post + "/comments?limit="
		var want []string
		for i := range 7 {
			want = append(want, s.comment([]string{"Ben", "Anna", "Cleo"}[i%3], post, fmt.Sprint("comment ", i)))
		}
		for _, size := range sizes {
			if got := s.column("Ben", fmt.Sprint(path, size), "comments", "comment"); !slices.Equal(got, want) {
				t.Errorf("pages of %d: %q, want %q", size, got, want)
			}
		}
		s.done("Ben", "DELETE", "/v1/posts/"+post+"/comments/"+want[3], nil)
		s.done("Anna", "POST", "/v1/posts/"+post+"/comments/"+want[5]+"/remove", nil)
		want = append(slices.Delete(slices.Delete(want, 5, 6), 3, 4), s.comment("Ben", post, "a new one"))
		if got := s.column("Ben", path+"2", "comments", "comment"); !slices.Equal(got, want) {
			t.Errorf("two of them gone: %q, want %q", got, want)
		}
	})
}

// Pages of requests, and of what a search finds, have each once, the newest first.
func TestPagesOfRequestsAndFindingsHaveEverythingOnce(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		var requests, found []string
		for i := range 7 {
			title := fmt.Sprint("request ", i)
			request := s.submit(title, "water "+title)
			s.shareWith("Dora", request, "all")
			s.write("Anna", channelOf("Anna", "Ben"), "waters, about "+title)
			requests, found = append(requests, title), append(found, "water "+title, "waters, about "+title)
		}
		slices.Reverse(requests)
		slices.Reverse(found)
		for _, size := range sizes {
			for _, name := range []string{"Anna", "Ben", "Dora"} {
				if got := s.column(name, fmt.Sprint("/v1/maintenance-requests?limit=", size), "requests", "title"); !slices.Equal(got, requests) {
					t.Errorf("pages of %d for %s: %q, want %q", size, name, got, requests)
				}
			}
			if got := s.column("Ben", fmt.Sprint("/v1/messages?text=water&limit=", size), "messages", "text"); !slices.Equal(got, found) {
				t.Errorf("pages of %d: %q, want %q", size, got, found)
			}
			if got := s.column("Dora", fmt.Sprint("/v1/messages?text=water&limit=", size), "messages", "text"); len(got) != 7 {
				t.Errorf("pages of %d for who shares the requests alone: %q", size, got)
			}
		}
	})
}

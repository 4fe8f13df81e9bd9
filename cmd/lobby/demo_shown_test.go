package main

import (
	"fmt"
	"image"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

type shownFile struct{ Attachment, Name, Type string }

type shownMessage struct {
	Message, Text string
	Seen          bool
	Attachments   []shownFile
}

type shownPost struct {
	Post, Category string
	Pinned         bool
	CommentsOpen   bool `json:"comments_open"`
	UnreadComments int  `json:"unread_comments"`
	Audience       struct{ All bool }
	Attachments    []shownFile
}

type shownComment struct {
	SeenByLandlord bool `json:"seen_by_landlord"`
	Attachments    []shownFile
}

type shownRequest struct {
	Request, Title, Status, Submitter string
	SharedWith                        []struct{ Name string } `json:"shared_with"`
}

// shown asks something in the name of somebody. All of it fits on one page.
func shown(t *testing.T, p *process, token, path string) (answer struct {
	NextCursor string `json:"next_cursor"`
	Boards     []struct{ Board string }
	Channels   []struct{ Channel, Section string }
	Messages   []shownMessage
	Posts      []shownPost
	Comments   []shownComment
	Requests   []shownRequest
	By         []struct{ Name string }
}) {
	t.Helper()
	if status := p.get(token, "/v1"+path, &answer); status != http.StatusOK || answer.NextCursor != "" {
		t.Fatalf("%s: %d, next page %q", path, status, answer.NextCursor)
	}
	return answer
}

// countDemo counts what everybody sees, each thing once, and opens each file.
func countDemo(t *testing.T, p *process, tokens map[string]string, text string) {
	messages, comments := map[string]shownMessage{}, 0
	files := map[string]map[string]bool{} // by what they are attached to
	attached := func(to, token string, attachments []shownFile) {
		for _, file := range attachments {
			if files[to] == nil {
				files[to] = map[string]bool{}
			}
			if files[to][file.Attachment] {
				continue
			}
			files[to][file.Attachment] = true
			var content string
			if status := p.get(token, "/v1/attachments/"+file.Attachment, &content); status != http.StatusOK {
				t.Errorf("%s answers %d", file.Name, status)
			}
			if _, _, err := image.Decode(strings.NewReader(content)); strings.HasSuffix(file.Name, ".png") != (err == nil) || (err == nil) != (file.Type == "image/png") {
				t.Errorf("%s is %s: %v", file.Name, file.Type, err)
			}
		}
	}
	for _, token := range tokens {
		for _, channel := range shown(t, p, token, "/inbox?limit=100").Channels {
			if channel.Section == "board" {
				continue
			}
			for _, m := range shown(t, p, token, "/channels/"+channel.Channel+"/messages?limit=100").Messages {
				messages[m.Message] = m
				attached(channel.Section, token, m.Attachments)
			}
		}
	}
	unseen := 0
	for _, m := range messages {
		if !m.Seen {
			unseen++
		}
	}
	greta := tokens["Greta Lindqvist"]
	waiting := 0
	posts := shown(t, p, greta, "/boards/"+shown(t, p, greta, "/boards").Boards[0].Board+"/posts?limit=100").Posts
	for _, post := range posts {
		attached("post", greta, post.Attachments)
		waiting += post.UnreadComments
		for _, c := range shown(t, p, greta, "/posts/"+post.Post+"/comments?limit=100").Comments {
			comments++
			attached("comment", greta, c.Attachments)
		}
	}
	uploads := 0
	for _, to := range []string{"messages", "maintenance", "post", "comment"} {
		uploads += len(files[to])
		if len(files[to]) == 0 {
			t.Errorf("nothing is attached in %s", to)
		}
	}
	want := fmt.Sprintf("\n%d people, %d messages (%d unseen), %d posts with %d comments (%d unseen by the landlord), %d maintenance requests, %d files\n",
		len(tokens), len(messages), unseen, len(posts), comments, waiting, len(shown(t, p, greta, "/maintenance-requests").Requests), uploads)
	if !strings.Contains(text, want) || unseen == 0 || waiting == 0 || waiting == comments {
		t.Errorf("there are%sand it says\n%s", want, text)
	}
}

func checkDemoBoard(t *testing.T, p *process, tokens map[string]string) {
	greta := tokens["Greta Lindqvist"]
	board := shown(t, p, greta, "/boards").Boards[0].Board
	posts := shown(t, p, greta, "/boards/"+board+"/posts").Posts
	categories := map[string]bool{}
	named, closed := 0, 0
	for i, post := range posts {
		categories[post.Category] = true
		if post.Pinned != (i == 0) {
			t.Errorf("post %d is pinned: %t", i, post.Pinned)
		}
		if !post.Audience.All {
			named++
		}
		if !post.CommentsOpen {
			closed++
		}
	}
	all := []string{"announcement", "for_sale", "job", "lost_and_found", "notice", "wanted"}
	if got := slices.Sorted(maps.Keys(categories)); !slices.Equal(got, all) || named != 1 || closed != 1 {
		t.Errorf("categories %q, %d posts for named properties, %d without comments", got, named, closed)
	}
	if n := len(shown(t, p, tokens["Yuki Tanaka"], "/boards/"+board+"/posts").Posts); n != len(posts)-1 {
		t.Errorf("a tenant of another flat sees %d of %d posts", n, len(posts))
	}
	entry := strings.TrimPrefix(posts[0].Post, "post-")
	if by := shown(t, p, greta, "/channels/"+posts[0].Post+"/entries/"+entry+"/seen").By; len(by) != 4 || by[0].Name != "Amara Okafor" {
		t.Errorf("the pinned post was seen by %v", by)
	}
}

func checkDemoRequests(t *testing.T, p *process, tokens map[string]string) {
	statuses := map[string]bool{}
	for _, r := range shown(t, p, tokens["Greta Lindqvist"], "/maintenance-requests").Requests {
		statuses[r.Status] = true
		if r.Submitter != "" {
			continue
		}
		if len(r.SharedWith) != 2 {
			t.Fatalf("the landlord's own request is shared with %v", r.SharedWith)
		}
		pro := shown(t, p, tokens["Samuel Adeyemi"], "/channels/"+r.Request+"/messages").Messages
		tenant := shown(t, p, tokens["Yuki Tanaka"], "/channels/"+r.Request+"/messages").Messages
		if len(pro) != 5 || len(tenant) != 2 {
			t.Errorf("of the landlord's own request, who came with the history sees %d messages, and who came without it %d", len(pro), len(tenant))
		}
	}
	if got := slices.Sorted(maps.Keys(statuses)); !slices.Equal(got, []string{"canceled", "in_progress", "in_review", "new", "resolved"}) {
		t.Errorf("statuses %q", got)
	}
}

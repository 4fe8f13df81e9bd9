package commands

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
)

// comments are contests about comments: on each of a few posts a tenant takes
// back what the landlord is about to see.
func (h *house) comments(seers, deleters *Service) []contest {
	h.lease(tom)
	contests := make([]contest, 8)
	for c := range contests {
		id := scenario.ID("post " + strconv.Itoa(c))
		h.must(seers.posts.Execute(h.Context(), post.Publish{Post: id, Landlord: lena, Role: "landlord", Category: post.Notice, Title: "T", Body: "B",
			Audience: post.Audience{All: true}, CommentsOpen: true}, h.request(lena)))
		by := post.Visitor{Person: tom, Properties: []uuid.UUID{theHouse}}
		contests[c] = contest{
			write: func() (uuid.UUID, error) {
				r := h.request(tom)
				_, err := seers.posts.Execute(h.Context(), post.AddComment{Post: id, Comment: entityID(r.Command), By: by, Text: "hello"}, r)
				return entityID(r.Command), err
			},
			see: func(entry uuid.UUID) (Result, error) {
				return seers.posts.Execute(h.Context(), post.MarkCommentsSeen{Post: id, By: lena, Entries: []uuid.UUID{entry}}, h.request(lena))
			},
			delete: func(entry uuid.UUID) (Result, error) {
				return deleters.posts.Execute(h.Context(), post.DeleteComment{Post: id, Comment: entry, By: by}, h.request(tom))
			},
		}
	}
	return contests
}

// TestP12SeeAgainstDeleteOfACommentHasOneWinner is the same rule about comments.
func TestP12SeeAgainstDeleteOfACommentHasOneWinner(t *testing.T) {
	t.Run("in one process", func(t *testing.T) {
		h := newHouse(t)
		h.checkRace(h.race(500, h.comments(h.Service, h.Service)))
	})
	t.Run("between two processes", func(t *testing.T) {
		h := newHouse(t)
		log := &tampered{Log: h.log}
		h.checkRace(h.race(500, h.comments(h.service(log, nil), h.service(log, nil))))
		if log.conflicts.Load() == 0 {
			t.Error("no conflict, so that was no race")
		}
	})
}

// TestEndLeaseAgainstComment measures the window between two streams: a comment
// that came in while the lease ended may follow the end in the log, none that came
// in afterwards does, and every answer is what the log has.
func TestEndLeaseAgainstComment(t *testing.T) {
	const rounds = 300
	h := newHouse(t)
	processes := []*api{newAPI(h, h.Service), newAPI(h, h.service(h.log, nil))}
	notice := processes[0].posted()
	path := "/v1/posts/" + notice + "/comments"
	processes[1].token(as(tom))
	written, late, refused := 0, 0, 0
	for i := range rounds {
		lease := h.lease(tom)
		var comment answer
		var ended Result
		var endErr error
		together(i%2 == 0,
			func() { comment = processes[i/2%2].do(as(tom), "POST", path, `{"text":"a"}`) },
			func() {
				ended, endErr = h.connections.Execute(t.Context(), connection.EndLease{Connection: pair, Lease: lease, By: lena, Today: "2026-01-01"}, h.request(lena))
			})
		if endErr != nil || ended.Events != 1 {
			t.Fatalf("ending: %+v, %v", ended, endErr)
		}
		switch events := h.stream(notice); {
		case comment.status == http.StatusCreated:
			written++
			last := events[len(events)-1]
			if last.Kind != "comment_added" || last.Position.String() != comment.Position || len(events) != 1+written {
				t.Fatalf("answered %s, the log ends with %s at %s", comment.text, last.Kind, last.Position)
			}
			if last.Position.Commit() > ended.Position.Commit() {
				late++
			}
		case comment.Code == "post_not_found" && len(events) == 1+written:
			refused++
		default:
			t.Fatalf("answered %d %s, %d events after %d comments", comment.status, comment.text, len(events), written)
		}
		for _, a := range processes {
			if got := a.do(as(tom), "POST", path, `{"text":"a"}`); got.Code != "post_not_found" {
				t.Fatalf("after the lease: %d %s", got.status, got.text)
			}
		}
	}
	if written == 0 || refused == 0 {
		t.Errorf("%d comments written, %d refused: that was no race", written, refused)
	}
	t.Logf("of %d comments %d were refused, and %d of the others follow the end of the lease in the log", rounds, refused, late)
}

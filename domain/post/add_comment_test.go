package post

import (
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
	"lobby.example/domain/thread"
)

func TestRule7_WhoSeesThePostComments(t *testing.T) {
	for _, who := range []Visitor{tom, ann, lena} {
		given(t, published).When(comment(who, "hello")).Then(commented(who, "hello"))
	}
	toAll := published
	toAll.Audience = Audience{All: true}
	given(t, toAll).When(comment(bob, "hello")).Then(commented(bob, "hello"))

	t.Run("nobody else does", func(t *testing.T) {
		for _, who := range []Visitor{bob, eve, gone} {
			given(t, published, commented(tom, "mine")).When(comment(who, "hello")).Refused(domain.NotFound, "post_not_found")
		}
		given(t, toAll).When(comment(gone, "hello")).Refused(domain.NotFound, "post_not_found")
	})
}

func TestRule8_ACommentWaitsForTheLandlord(t *testing.T) {
	s := domain.Fold(State{}, Event(published), commented(tom, "one"), commented(lena, "two"), commented(ann, "three"))
	for text, waits := range map[string]bool{"one": true, "two": false, "three": true} {
		e, ok := s.Thread.Find(scenario.ID(text))
		if !ok || (len(e.For) > 0) != waits || waits && (len(e.For) > 1 || e.For[0] != lena.Person) {
			t.Errorf("%s waits for %v", text, e.For)
		}
	}
}

func TestACommentIsATextOrHasFiles(t *testing.T) {
	files := ids("key.jpg", "tag.jpg")
	given(t, published).When(AddComment{Post: key, Comment: scenario.ID("c"), By: tom, Attachments: files}).
		Then(CommentAdded{Post: key, Landlord: lena.Person, Comment: scenario.ID("c"), By: tom.Person, Attachments: files})

	for code, c := range map[string]struct {
		text        string
		attachments []uuid.UUID
		field       string
	}{
		"blank":                {" \n\u200b", nil, "text"},
		"control_character":    {"a\x00b", files, "text"},
		"too_many_attachments": {"see these", ids(make([]string, thread.MaxAttachments+1)...), "attachments"},
		"attached_twice":       {"see this", ids("key.jpg", "key.jpg"), "attachments"},
	} {
		r := given(t, published).When(AddComment{Post: key, By: tom, Text: c.text, Attachments: c.attachments}).Refused(domain.Invalid, code)
		if r.Field != c.field {
			t.Errorf("%s: field %q", code, r.Field)
		}
	}
}

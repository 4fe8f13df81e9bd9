package post

import (
	"testing"

	"lobby.example/domain"
)

func TestRule5_TheLandlordEditsAPost(t *testing.T) {
	given(t, published).When(edit).Then(edited).Again().Nothing()
	back := Edit{Post: key, By: lena.Person, Category: published.Category, Title: published.Title, Body: published.Body}
	given(t, published).When(back).Nothing()
	given(t, published, edited).When(back).
		Then(Edited{Post: key, Landlord: lena.Person, Category: back.Category, Title: back.Title, Body: back.Body}).Again().Nothing()

	for name, change := range map[string]func(*Edit){
		"the category alone": func(e *Edit) { e.Category = Notice },
		"the title alone":    func(e *Edit) { e.Title = "A key" },
		"the body alone":     func(e *Edit) { e.Body = "Whose?" },
	} {
		t.Run(name, func(t *testing.T) {
			e := back
			change(&e)
			given(t, published).When(e).
				Then(Edited{Post: key, Landlord: lena.Person, Category: e.Category, Title: e.Title, Body: e.Body}).Again().Nothing()
		})
	}
}

func TestRule2_AnEditedPostHasACategoryATitleAndABody(t *testing.T) {
	for name, c := range contents {
		t.Run(name, func(t *testing.T) {
			e := Edit{Post: key, By: lena.Person, Category: c.category, Title: c.title, Body: c.body}
			if c.code == "" {
				given(t, published).When(e).Then(Edited{Post: key, Landlord: lena.Person, Category: c.category, Title: c.title, Body: c.body})
			} else if r := given(t, published).When(e).Refused(domain.Invalid, c.code); r.Field != c.field {
				t.Errorf("field %q", r.Field)
			}
		})
	}
	t.Run("which is blank only where something is attached", func(t *testing.T) {
		withFile := published
		withFile.Attachments = ids("key.jpg")
		e, blank := edit, edited
		e.Body, blank.Body = "", ""
		given(t, withFile).When(e).Then(blank).Again().Nothing()
		given(t, withFile, edited).When(e).Then(blank)
		given(t, published, edited).When(e).Refused(domain.Invalid, "blank")
	})
}

func TestRule6_AnEditReopensNothing(t *testing.T) {
	past := []Event{published, commented(tom, "mine"), saw("mine"), pinned, closed, edited}
	given(t, past...).When(takeBack(tom, "mine")).Refused(domain.Conflict, "already_seen")
	given(t, past...).When(see(lena, "mine")).Nothing()
	given(t, past...).When(comment(tom, "hello")).Refused(domain.Conflict, "comments_closed")
	given(t, past...).When(CloseComments{Post: key, By: lena.Person}).Nothing()
	given(t, past...).When(Pin{Post: key, By: lena.Person}).Nothing()
	given(t, past...).When(publish).Refused(domain.Conflict, "already_published")

	t.Run("nor does it see or take away anything", func(t *testing.T) {
		given(t, published, commented(tom, "mine"), edited).When(see(lena, "mine")).Then(saw("mine"))
		given(t, published, commented(tom, "mine"), edited).When(takeBack(tom, "mine")).Then(tookBack(tom, "mine"))
	})
	t.Run("nor a post that was removed", func(t *testing.T) {
		given(t, published, gonePost).When(edit).Refused(domain.Conflict, "post_removed")
	})
}

func TestRule3_AnEditKeepsTheAudience(t *testing.T) {
	given(t, published, edited).When(comment(tom, "hello")).Then(commented(tom, "hello"))
	given(t, published, edited).When(comment(bob, "hello")).Refused(domain.NotFound, "post_not_found")
}

package post

import (
	"strings"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

func TestRule1_ALandlordPublishes(t *testing.T) {
	given(t).When(publish).Then(published)
	t.Run("with comments closed", func(t *testing.T) {
		c := publish
		c.CommentsOpen = false
		given(t).When(c).Then(publishedBy(c))
	})
	t.Run("nobody else does", func(t *testing.T) {
		for _, role := range []string{"tenant", "service_pro", "platform", ""} {
			c := publish
			c.Role, c.Title = role, ""
			given(t).When(c).Refused(domain.Forbidden, "not_a_landlord")
		}
	})
}

func TestRule1_APostIsPublishedOnce(t *testing.T) {
	given(t, published).When(publish).Refused(domain.Conflict, "already_published")
	other := publish
	other.Landlord = eve.Person
	given(t, published).When(other).Refused(domain.Conflict, "already_published")
}

// contents are what rule 2 allows and refuses, when publishing and when editing.
var contents = map[string]struct {
	category    Category
	title, body string
	code, field string // none where it is allowed
}{
	"a job":             {Job, "t", "b", "", ""},
	"for sale":          {ForSale, "t", "b", "", ""},
	"wanted":            {Wanted, "t", "b", "", ""},
	"lost and found":    {LostAndFound, "t", "b", "", ""},
	"a notice":          {Notice, "t", "b", "", ""},
	"an announcement":   {Announcement, "t", "b", "", ""},
	"a title of 200":    {Notice, strings.Repeat("é", 200), "b", "", ""},
	"a body of 20,000":  {Notice, "t", strings.Repeat("é", MaxBodyLength), "", ""},
	"a body of lines":   {Notice, "t", "a\n\tb", "", ""},
	"no category":       {"", "t", "b", "unknown_category", "category"},
	"another category":  {"party", "t", "b", "unknown_category", "category"},
	"written otherwise": {"Notice", "t", "b", "unknown_category", "category"},
	"no title":          {Notice, "", "b", "blank", "title"},
	"a blank title":     {Notice, " \u200b", "b", "blank", "title"},
	"a title of 201":    {Notice, strings.Repeat("é", 201), "b", "too_long", "title"},
	"a title of lines":  {Notice, "a\nb", "b", "control_character", "title"},
	"no text as title":  {Notice, "\xffa", "b", "not_utf8", "title"},
	"no body":           {Notice, "t", "", "blank", "body"},
	"a blank body":      {Notice, "t", " \n\u200b", "blank", "body"},
	"a body of 20,001":  {Notice, "t", strings.Repeat("é", MaxBodyLength+1), "too_long", "body"},
	"a body with a NUL": {Notice, "t", "a\x00b", "control_character", "body"},
	"no text as body":   {Notice, "t", "a\xffb", "not_utf8", "body"},
}

func TestRule2_APostHasACategoryATitleAndABody(t *testing.T) {
	for name, c := range contents {
		t.Run(name, func(t *testing.T) {
			p := publish
			p.Category, p.Title, p.Body = c.category, c.title, c.body
			if c.code == "" {
				given(t).When(p).Then(publishedBy(p))
			} else if r := given(t).When(p).Refused(domain.Invalid, c.code); r.Field != c.field {
				t.Errorf("field %q", r.Field)
			}
		})
	}
}

func TestRule2_APostWithFilesNeedsNoBody(t *testing.T) {
	p := publish
	p.Body, p.Attachments = "", ids("key.jpg", "tag.jpg")
	given(t).When(p).Then(publishedBy(p))
	p.Body = "a\x00b"
	given(t).When(p).Refused(domain.Invalid, "control_character")

	for code, names := range map[string][]string{
		"too_many_attachments": make([]string, thread.MaxAttachments+1),
		"attached_twice":       {"key.jpg", "tag.jpg", "key.jpg"},
	} {
		p := publish
		p.Attachments = ids(names...)
		if r := given(t).When(p).Refused(domain.Invalid, code); r.Field != "attachments" {
			t.Errorf("field %q", r.Field)
		}
	}
}

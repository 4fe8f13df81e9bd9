package maintenance

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
	"lobby.example/domain/thread"
)

var submit = Submit{
	Request: request, Message: scenario.ID("description"), By: tom.Person, Landlord: lena.Person,
	Property: flat, PropertyName: "Elm Street 4", Leased: true, Title: "The tap drips", Text: "description",
}

func TestRule1_ATenantSubmitsARequestAndSharesIt(t *testing.T) {
	given(t).When(submit).Then(submitted, wrote(tom, "description", lena))
	given(t, byTom()...).When(see(lena, "description")).Then(saw(lena, "description"))
	given(t, byTom()...).When(write(tom, "hello")).Then(wrote(tom, "hello", lena))
}

func TestRule1_OnlyWhoLeasesThePropertySubmits(t *testing.T) {
	c := submit
	c.Leased = false
	given(t).When(c).Refused(domain.Forbidden, "no_active_lease")
	given(t, byTom()...).When(c).Refused(domain.Forbidden, "no_active_lease")
}

func TestRule1_ARequestIsSubmittedOnce(t *testing.T) {
	given(t).When(submit).Then(submitted, wrote(tom, "description", lena)).Again().Refused(domain.Conflict, "already_submitted")
	given(t, byLena()...).When(submit).Refused(domain.Conflict, "already_submitted")
}

func TestRule1_TheDescriptionIsAMessageWithFiles(t *testing.T) {
	c, message := submit, wrote(tom, "description", lena)
	c.Text, message.Text = "", ""
	c.Attachments, message.Attachments = ids("tap.jpg"), ids("tap.jpg")
	given(t).When(c).Then(submitted, message)
}

// badRequests are descriptions of no request, by the code of the refusal and the
// field at fault.
var badRequests = map[string]struct {
	propertyName, title, text string
	attachments               []uuid.UUID
}{
	"blank property_name":              {"", "The tap drips", "description", nil},
	"too_long property_name":           {strings.Repeat("ä", domain.MaxNameLength+1), "The tap drips", "description", nil},
	"blank title":                      {"Elm Street 4", " ", "description", nil},
	"too_long title":                   {"Elm Street 4", strings.Repeat("ä", domain.MaxNameLength+1), "description", nil},
	"control_character title":          {"Elm Street 4", "The tap\ndrips", "description", nil},
	"blank text":                       {"Elm Street 4", "The tap drips", " \n", nil},
	"too_long text":                    {"Elm Street 4", "The tap drips", strings.Repeat("ä", thread.MaxTextLength+1), nil},
	"control_character text":           {"Elm Street 4", "The tap drips", "a\x00b", nil},
	"too_many_attachments attachments": {"Elm Street 4", "The tap drips", "", make([]uuid.UUID, thread.MaxAttachments+1)},
	"attached_twice attachments":       {"Elm Street 4", "The tap drips", "", ids("tap.jpg", "tap.jpg")},
}

func TestRule1_ASubmittedRequestIsDescribed(t *testing.T) {
	for what, bad := range badRequests {
		c := submit
		c.PropertyName, c.Title, c.Text, c.Attachments = bad.propertyName, bad.title, bad.text, bad.attachments
		code, field, _ := strings.Cut(what, " ")
		if r := given(t).When(c).Refused(domain.Invalid, code); r.Field != field {
			t.Errorf("%s: field %q", what, r.Field)
		}
	}
}

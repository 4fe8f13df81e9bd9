package maintenance

import (
	"strings"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

var open = Open{
	Request: request, Message: scenario.ID("description"), Landlord: lena.Person, Role: "landlord",
	Property: flat, PropertyName: "Elm Street 4", Title: "The heating", Text: "description",
}

func TestRule1_ALandlordOpensARequestThatNobodyShares(t *testing.T) {
	given(t).When(open).Then(opened, wrote(lena, "description"))
	given(t, byLena()...).When(write(lena, "a note of mine")).Then(wrote(lena, "a note of mine"))
	given(t, byLena()...).When(takeBack(lena, "description")).Then(deleted(lena, "description")).Again().Nothing()
	given(t, byLena()...).When(set(lena, Resolved)).Then(wasSet(lena, New, Resolved))
}

func TestRule1_OnlyALandlordOpens(t *testing.T) {
	for _, role := range []string{"tenant", "service_pro", ""} {
		c := open
		c.Role = role
		given(t).When(c).Refused(domain.Forbidden, "not_a_landlord")
	}
}

func TestRule1_ARequestIsOpenedOnce(t *testing.T) {
	given(t).When(open).Then(opened, wrote(lena, "description")).Again().Refused(domain.Conflict, "already_opened")
	given(t, byTom()...).When(open).Refused(domain.Conflict, "already_opened")
}

func TestRule1_AnOpenedRequestIsDescribed(t *testing.T) {
	for what, bad := range badRequests {
		c := open
		c.PropertyName, c.Title, c.Text, c.Attachments = bad.propertyName, bad.title, bad.text, bad.attachments
		code, field, _ := strings.Cut(what, " ")
		if r := given(t).When(c).Refused(domain.Invalid, code); r.Field != field {
			t.Errorf("%s: field %q", what, r.Field)
		}
	}
}

package connection

import (
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
	"lobby.example/domain/thread"
)

func TestRule3_ConnectedPeopleMessageEachOther(t *testing.T) {
	given(t, invited, accepted).When(write(lena, "hello")).Then(wrote(lena, tom, "hello"))
	given(t, invited, accepted).When(write(tom, "hello")).Then(wrote(tom, lena, "hello"))
	given(t, invited, accepted, ended, invited, accepted).When(write(tom, "again")).Then(wrote(tom, lena, "again"))
}

func TestRule3_OnlyConnectedPeopleMessage(t *testing.T) {
	for state, past := range map[string][]Event{
		"invited":      {invited},
		"declined":     {invited, declined},
		"disconnected": {invited, accepted, ended},
		"invited anew": {invited, accepted, ended, invited},
	} {
		t.Run(state, func(t *testing.T) {
			given(t, past...).When(write(lena, "hello")).Refused(domain.Forbidden, "not_connected")
			given(t, past...).When(write(tom, "hello")).Refused(domain.Forbidden, "not_connected")
		})
	}
}

func TestAMessageCarriesFilesAndTheWishForACopy(t *testing.T) {
	files := ids("plan.pdf", "key.jpg")
	given(t, invited, accepted).
		When(SendMessage{Connection: pair, Message: scenario.ID("m"), From: lena.Person, Attachments: files, EmailCopy: true}).
		Then(MessageSent{Message: scenario.ID("m"), From: lena.Person, To: tom.Person, Attachments: files, EmailCopy: true})
}

func TestAMessageIsATextOrHasFiles(t *testing.T) {
	r := given(t, invited, accepted).When(write(lena, " \n\u200b")).Refused(domain.Invalid, "blank")
	if r.Field != "text" {
		t.Errorf("field %q", r.Field)
	}
	r = given(t, invited, accepted).When(SendMessage{
		Connection: pair, From: lena.Person, Text: "see these", Attachments: ids(make([]string, thread.MaxAttachments+1)...),
	}).Refused(domain.Invalid, "too_many_attachments")
	if r.Field != "attachments" {
		t.Errorf("field %q", r.Field)
	}
	given(t, invited, accepted).When(write(lena, "a\x00b")).Refused(domain.Invalid, "control_character")
}

package maintenance

import (
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
	"lobby.example/domain/thread"
)

func TestRule5_EveryParticipantWritesToAllOthers(t *testing.T) {
	past := byTom(shared(pat, All), shared(kim, FromNow))
	given(t, past...).When(write(lena, "hello")).Then(wrote(lena, "hello", tom, pat, kim))
	given(t, past...).When(write(tom, "hello")).Then(wrote(tom, "hello", lena, pat, kim))
	given(t, past...).When(write(pat, "hello")).Then(wrote(pat, "hello", lena, tom, kim))
	given(t, past...).When(write(kim, "hello")).Then(wrote(kim, "hello", lena, tom, pat))

	t.Run("and to nobody whom it was unshared from", func(t *testing.T) {
		given(t, append(past, unshared(pat))...).When(write(tom, "hello")).Then(wrote(tom, "hello", lena, kim))
	})
}

func TestRule5_OnlyAnOpenRequestTakesMessages(t *testing.T) {
	open := map[Status]bool{New: true, InProgress: true, InReview: true, Resolved: true, Canceled: false, Archived: false}
	if len(open) != len(ways) {
		t.Errorf("%d statuses, want %d", len(open), len(ways))
	}
	for status, open := range open {
		if status.Open() != open {
			t.Errorf("%s is open: %t", status, status.Open())
		}
		for by, wrote := range map[Party]MessageSent{
			lena: wrote(lena, "hello", tom, pat), tom: wrote(tom, "hello", lena, pat), pat: wrote(pat, "hello", lena, tom),
		} {
			answer := given(t, ways[status]...).When(write(by, "hello"))
			if open {
				answer.Then(wrote)
			} else {
				answer.Refused(domain.Conflict, "request_closed")
			}
		}
	}
	if Absent.Open() || Status("lost").Open() {
		t.Error("what is no status is open")
	}
}

func TestRule5_NobodyWritesAfterCanceling(t *testing.T) {
	for _, by := range []Party{lena, tom} {
		for _, who := range []Party{lena, tom, pat} {
			others := []Party{tom, pat}
			if by == tom {
				others = []Party{lena, pat}
			}
			given(t, byTom(shared(pat, All), wasSet(by, New, Canceled, others...))...).
				When(write(who, "wait")).Refused(domain.Conflict, "request_closed")
		}
	}
}

func TestRule5_AMessageIsATextOrHasFiles(t *testing.T) {
	files := ids("plan.pdf", "key.jpg")
	given(t, byTom()...).
		When(SendMessage{Request: request, Message: scenario.ID("m"), By: today(lena), Attachments: files}).
		Then(MessageSent{Request: request, Message: scenario.ID("m"), From: lena.Person, To: people([]Party{tom}), Attachments: files})

	if r := given(t, byTom()...).When(write(lena, " \n")).Refused(domain.Invalid, "blank"); r.Field != "text" {
		t.Errorf("field %q", r.Field)
	}
	given(t, byTom()...).When(write(lena, "a\x00b")).Refused(domain.Invalid, "control_character")
	c := write(lena, "see these")
	c.Attachments = ids(make([]string, thread.MaxAttachments+1)...)
	if r := given(t, byTom()...).When(c).Refused(domain.Invalid, "too_many_attachments"); r.Field != "attachments" {
		t.Errorf("field %q", r.Field)
	}
	c.Attachments = ids("key.jpg", "key.jpg")
	given(t, byTom()...).When(c).Refused(domain.Invalid, "attached_twice")
}

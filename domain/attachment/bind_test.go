package attachment

import (
	"testing"
	"time"

	"lobby.example/domain"
)

func TestRule4_AFileBelongsToOneEntry(t *testing.T) {
	given(t, uploaded).When(bind(tom, channel, "hello", noon)).Then(bound).Again().Nothing()
	given(t, uploaded, bound).When(bind(tom, channel, "hello", noon.Add(time.Hour))).Nothing()

	t.Run("and to no other", func(t *testing.T) {
		for _, c := range []Bind{
			bind(tom, channel, "hello again", noon),
			bind(tom, other, "hello", noon),
			bind(tom, channel, "hello again", noon.Add(time.Hour)), // its entry is there
		} {
			r := given(t, uploaded, bound).When(c).Refused(domain.Conflict, "already_bound")
			if r.Field != "attachments" {
				t.Errorf("field %q", r.Field)
			}
		}
	})
}

func TestRule5_AReservationWhoseEntryWasNotWrittenLapses(t *testing.T) {
	after := noon.Add(Lapse + time.Microsecond)
	given(t, uploaded, bound).When(bind(tom, other, "drip", after).lapsed()).
		Then(boundTo(other, "drip", after)).Again().Nothing()

	t.Run("but not before", func(t *testing.T) {
		given(t, uploaded, bound).When(bind(tom, other, "drip", noon.Add(Lapse)).lapsed()).Refused(domain.Conflict, "already_bound")
		given(t, uploaded, bound).When(bind(tom, channel, "hello", noon.Add(Lapse)).lapsed()).Nothing()
	})
	t.Run("a newer one than the edge has looked at holds", func(t *testing.T) {
		newer := boundTo(channel, "hello again", after)
		given(t, uploaded, bound, newer).When(bind(tom, other, "drip", after.Add(time.Second)).lapsed()).Refused(domain.Conflict, "already_bound")
	})
	t.Run("a late retry of its own entry renews it", func(t *testing.T) {
		given(t, uploaded, bound).When(bind(tom, channel, "hello", after).lapsed()).Then(boundTo(channel, "hello", after)).Again().Nothing()
	})
}

func TestRule5_AReservationIsStoredToTheMicrosecond(t *testing.T) {
	zone := time.FixedZone("UTC+1", 3600)
	given(t, uploaded).When(bind(tom, channel, "hello", noon.Add(999*time.Nanosecond).In(zone))).Then(bound)
}

func TestRule3_ForAnybodyElseThereIsNoSuchFile(t *testing.T) {
	for _, past := range [][]Event{
		{},
		{uploaded, removed},
		{uploaded, bound, Removed{Attachment: photo, Reason: EntryGone}},
	} {
		refused(t, past, bind(tom, channel, "hello", noon))
	}
	late := noon.Add(time.Hour)
	for _, past := range [][]Event{{uploaded}, {uploaded, bound}} {
		refused(t, past, bind(eve, channel, "hello", late), bind(eve, other, "drip", late).lapsed())
	}
}

func refused(t *testing.T, past []Event, commands ...Bind) {
	t.Helper()
	for _, c := range commands {
		if r := given(t, past...).When(c).Refused(domain.NotFound, "attachment_not_found"); r.Field != "attachments" {
			t.Errorf("field %q", r.Field)
		}
	}
}

package thread_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
	"lobby.example/domain/thread"
)

// The smallest noun with a thread: an entry is written, seen, deleted.
type (
	event = domain.Event[thread.Thread]
	past  = domain.Past[thread.Thread]
	wrote struct {
		ID, By uuid.UUID
		For    []uuid.UUID
	}
	saw struct {
		By      uuid.UUID
		Entries []uuid.UUID
	}
	removed struct{ ID uuid.UUID }
	joined  struct{ Reader uuid.UUID }
	left    struct{ Reader uuid.UUID }
)

func (wrote) Kind() string   { return "wrote" }
func (saw) Kind() string     { return "saw" }
func (removed) Kind() string { return "removed" }
func (joined) Kind() string  { return "joined" }
func (left) Kind() string    { return "left" }

func (e wrote) Evolve(t thread.Thread) thread.Thread {
	return t.Add(thread.Entry{ID: e.ID, Author: e.By, For: e.For})
}
func (e saw) Evolve(t thread.Thread) thread.Thread     { return t.See(e.By, e.Entries) }
func (e removed) Evolve(t thread.Thread) thread.Thread { return t.Remove(e.ID) }

func (e joined) Evolve(t thread.Thread) thread.Thread { return t.Join(e.Reader) }
func (e left) Evolve(t thread.Thread) thread.Thread   { return t.Leave(e.Reader) }

func (e wrote) Entry() (entry, author uuid.UUID)              { return e.ID, e.By }
func (e saw) SeenBy() (reader uuid.UUID, entries []uuid.UUID) { return e.By, e.Entries }
func (e removed) Deleted() uuid.UUID                          { return e.ID }
func (e wrote) waitsFor(readers ...uuid.UUID) wrote {
	e.For = readers
	return e
}

func seen(by uuid.UUID, entries ...uuid.UUID) saw { return saw{By: by, Entries: entries} }

func fold(events ...event) thread.Thread { return domain.Fold(thread.Thread{}, events...) }

// history is the stream newest first, as a recalling command gets it.
func history(events ...event) iter.Seq[past] {
	return func(yield func(past) bool) {
		for i, e := range slices.Backward(events) {
			if !yield(past{Event: e, Revision: int64(i), Time: scenario.Time(int64(i))}) {
				return
			}
		}
	}
}

var (
	ann, ben, cat = scenario.ID("ann"), scenario.ID("ben"), scenario.ID("cat")
	one, two      = scenario.ID("one"), scenario.ID("two")
)

func TestRule1_AnEntryWaitsForEachOfItsReaders(t *testing.T) {
	first := wrote{ID: one, By: ann}.waitsFor(ben, cat)
	th := fold(first, seen(ben, one))
	if got := th.Unseen(ben, []uuid.UUID{one}); len(got) > 0 {
		t.Errorf("it waits for who saw it: %v", got)
	}
	if got := th.Unseen(cat, []uuid.UUID{one}); len(got) != 1 {
		t.Error("it does not wait for who did not see it")
	}
	if th = th.See(cat, []uuid.UUID{one}); len(th.Waiting) > 0 {
		t.Errorf("it stays after everybody saw it: %+v", th.Waiting)
	}
}

func TestRule2_SeeingReachesNoEntryThatItDoesNotName(t *testing.T) {
	th := fold(wrote{ID: one, By: ann}.waitsFor(ben), wrote{ID: two, By: ann}.waitsFor(ben), seen(ben, two))
	if _, ok := th.Find(one); !ok {
		t.Error("an older entry is gone")
	}
	if _, ok := th.Find(two); ok {
		t.Error("the entry seen is still there")
	}
}

func TestRule4_TheFirstWhoSawDecides(t *testing.T) {
	events := []event{
		wrote{ID: one, By: ann}.waitsFor(ben, cat), wrote{ID: two, By: ann}.waitsFor(ben, cat),
		seen(cat, two), seen(cat, one), seen(ben, one, two),
	}
	for id, revision := range map[uuid.UUID]int64{one: 3, two: 2} {
		var r *domain.Refusal
		if err := thread.RecallDelete("board-1", id, ann, history(events...)); !errors.As(err, &r) || r.Code != "already_seen" {
			t.Fatalf("the answer is %v", err)
		}
		want := &domain.Deciding{Stream: "board-1", Revision: revision, Time: scenario.Time(revision), By: cat}
		if diff := cmp.Diff(want, r.Decided); diff != "" {
			t.Errorf("what decided (-want +got):\n%s", diff)
		}
	}
	if thread.NoSuchEntry.Decided != nil || thread.NotAuthor.Decided != nil {
		t.Error("a refusal that is shared was changed")
	}
}

func TestRule4_AnEntryOfNobodyElseIsDeletable(t *testing.T) {
	th := fold(wrote{ID: one, By: ann})
	if !th.Deletable(one) || th.CheckDelete(one, ann) != nil {
		t.Error("an entry without readers cannot be deleted")
	}
	if err := th.CheckDelete(two, ann); err != thread.NotAuthor {
		t.Errorf("deleting what is not there: %v", err)
	}
}

func TestRule6_WhoJoinsIsAskedAndWhoLeavesIsNot(t *testing.T) {
	first := wrote{ID: one, By: ann}.waitsFor(ben)
	if th := fold(first, joined{cat}, seen(cat, one)); th.Deletable(one) {
		t.Error("it was seen by who joined, and can be deleted")
	}
	if th := fold(first, joined{ann}); len(th.Unseen(ann, []uuid.UUID{one})) > 0 {
		t.Error("an entry waits for its author, who joined")
	}
	if th := fold(first, left{ben}); !th.Deletable(one) {
		t.Error("nobody has seen it, and it cannot be deleted")
	}
	if th := fold(first, joined{cat}, seen(cat, one), left{cat}, left{ben}); len(th.Waiting) > 0 {
		t.Errorf("nobody is left to see it, and it stays: %+v", th.Waiting)
	}
}

func TestRule4_RemovingWhatWasSeen(t *testing.T) {
	events := []event{wrote{ID: one, By: ann}.waitsFor(ben), seen(ben, one)}
	if remove, err := thread.RecallRemove(one, history(events...)); !remove || err != nil {
		t.Errorf("what was seen: %v, %v", remove, err)
	}
	if remove, err := thread.RecallRemove(one, history(append(events, removed{one})...)); remove || err != nil {
		t.Errorf("what is gone: %v, %v", remove, err)
	}
	if _, err := thread.RecallRemove(two, history(events...)); err != thread.NoSuchEntry {
		t.Errorf("what never was: %v", err)
	}
}

func TestRule6_WhoCameLaterHasNotSeenWhatOthersHave(t *testing.T) {
	three := scenario.ID("three")
	events := []event{
		wrote{ID: one, By: ann}.waitsFor(ben), wrote{ID: two, By: ben}.waitsFor(ann), wrote{ID: three, By: ann}.waitsFor(ben),
		seen(ben, one, three), seen(ann, two), joined{cat}, seen(cat, two),
	}
	asked := []uuid.UUID{three, one, two, one, scenario.ID("elsewhere")}
	if got := thread.RecallUnseen(cat, asked, history(events...)); !slices.Equal(got, []uuid.UUID{one, three}) {
		t.Errorf("unseen by who came later: %v", got)
	}
	if got := thread.RecallUnseen(ann, asked, history(append(events, removed{three})...)); len(got) > 0 {
		t.Errorf("unseen by the author: %v", got)
	}
}

func TestCheckContentHasExactBounds(t *testing.T) {
	long := strings.Repeat("語", thread.MaxTextLength)
	for text, code := range map[string]string{
		"a": "", "a\nb\tc": "", "👩‍👩‍👧": "", long: "", strings.Repeat("x", thread.MaxTextLength): "",
		"": "blank", "\n \t": "blank", "\u200b\u2060\ufeff": "blank", "\u3164": "blank", "\u2800": "blank", "\u034f\ufe0f": "blank",
		long + "x": "too_long", strings.Repeat("x", thread.MaxTextLength+1): "too_long",
		"a\x00": "control_character", "a\r\nb": "control_character", "a\u009f": "control_character", "a\x7f": "control_character",
		"a\xc3": "not_utf8",
	} {
		checkCode(t, text, thread.CheckContent(text, nil), code)
	}
	files := make([]uuid.UUID, thread.MaxAttachments+1)
	for i := range files {
		files[i] = scenario.ID(string(rune('a' + i)))
	}
	checkCode(t, "a file and no text", thread.CheckContent("", files[:1]), "")
	checkCode(t, "a file and bad text", thread.CheckContent("\x00", files[:1]), "control_character")
	checkCode(t, "10 files", thread.CheckContent("", files[:thread.MaxAttachments]), "")
	checkCode(t, "11 files", thread.CheckContent("", files), "too_many_attachments")
	checkCode(t, "a file twice", thread.CheckContent("a", []uuid.UUID{files[0], files[1], files[0]}), "attached_twice")
}

func TestCheckSeenTakes1To500(t *testing.T) {
	checkCode(t, "none", thread.CheckSeen(nil), "entries_count")
	checkCode(t, "one", thread.CheckSeen(make([]uuid.UUID, 1)), "")
	checkCode(t, "500", thread.CheckSeen(make([]uuid.UUID, 500)), "")
	checkCode(t, "501", thread.CheckSeen(make([]uuid.UUID, 501)), "entries_count")
}

func checkCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	var r *domain.Refusal
	errors.As(err, &r)
	if code == "" && err != nil || code != "" && (r == nil || r.Code != code) {
		t.Errorf("%.20q: answer %v, want %q", what, err, code)
	}
}

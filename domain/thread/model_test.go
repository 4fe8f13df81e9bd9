package thread_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
	"lobby.example/domain/thread"
)

// remembered is all that ever happened to an entry, which a thread forgets.
type remembered struct {
	author  uuid.UUID
	unseen  []uuid.UUID // readers in the order of the entry
	seen    int64       // revision by which it was seen first, or -1
	deleted bool
}

// answer is what the model says about deleting an entry.
func (r *remembered) answer(by uuid.UUID) (code string, decided int64) {
	switch {
	case r == nil, r.deleted && r.author != by:
		return "entry_not_found", -1
	case r.author != by:
		return "not_author", -1
	case r.deleted:
		return "nothing to do", -1
	case r.seen >= 0:
		return "already_seen", r.seen
	}
	return "deleted", -1
}

// TestRule4_P12_AnEntryIsSeenOrDeleted compares a thread with a model that forgets
// nothing, after any sequence of writing, seeing and deleting by several people.
func TestRule4_P12_AnEntryIsSeenOrDeleted(t *testing.T) {
	people := []uuid.UUID{ann, ben, cat, scenario.ID("dan")}
	rapid.Check(t, func(t *rapid.T) {
		var (
			th     thread.Thread
			events []event
			ids    []uuid.UUID
			model  = map[uuid.UUID]*remembered{}
		)
		commit := func(e event) {
			events = append(events, e)
			th = e.Evolve(th)
		}
		person := rapid.SampledFrom(people)
		anEntry := func(t *rapid.T) uuid.UUID {
			return rapid.SampledFrom(append(slices.Clone(ids), scenario.ID("of another channel"))).Draw(t, "entry")
		}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				by := person.Draw(t, "author")
				readers := rapid.SliceOfDistinct(person.Filter(func(p uuid.UUID) bool { return p != by }), rapid.ID[uuid.UUID]).Draw(t, "readers")
				id := uuid.NewSHA1(by, []byte{byte(len(ids)), byte(len(ids) >> 8)})
				ids = append(ids, id)
				model[id] = &remembered{author: by, unseen: slices.Clone(readers), seen: -1}
				commit(wrote{ID: id, By: by, For: readers})
			},
			"see": func(t *rapid.T) {
				by := person.Draw(t, "reader")
				asked := rapid.SliceOfN(rapid.Custom(anEntry), 1, 8).Draw(t, "entries")
				var want []uuid.UUID
				for _, id := range ids {
					if m := model[id]; slices.Contains(asked, id) && !m.deleted && slices.Contains(m.unseen, by) {
						want = append(want, id)
						m.unseen = slices.DeleteFunc(m.unseen, func(p uuid.UUID) bool { return p == by })
						if m.seen < 0 {
							m.seen = int64(len(events))
						}
					}
				}
				got := th.Unseen(by, asked)
				if !slices.Equal(want, got) {
					t.Fatalf("%v wait for the reader, want %v", got, want)
				}
				if len(got) > 0 {
					commit(saw{By: by, Entries: got})
				}
			},
			"join": func(t *rapid.T) {
				by := person.Draw(t, "reader")
				for _, m := range model {
					gone := m.deleted || len(m.unseen) == 0 && m.seen >= 0
					if !gone && m.author != by && !slices.Contains(m.unseen, by) {
						m.unseen = append(slices.Clone(m.unseen), by)
					}
				}
				commit(joined{by})
			},
			"leave": func(t *rapid.T) {
				by := person.Draw(t, "reader")
				for _, m := range model {
					m.unseen = slices.DeleteFunc(slices.Clone(m.unseen), func(p uuid.UUID) bool { return p == by })
				}
				commit(left{by})
			},
			"delete": func(t *rapid.T) {
				id, by := anEntry(t), person.Draw(t, "by")
				want, wantRevision := model[id].answer(by)
				got, revision := decideDelete(th, id, by, events)
				if got != want || revision != wantRevision {
					t.Fatalf("deleting: %s by revision %d, want %s by %d", got, revision, want, wantRevision)
				}
				if got == "deleted" {
					model[id].deleted = true
					commit(removed{ID: id})
				}
			},
			"": func(t *rapid.T) {
				var want []thread.Entry
				for _, id := range ids {
					m := model[id]
					if m.deleted && m.seen >= 0 {
						t.Fatalf("%s is both seen and deleted", id)
					}
					if !m.deleted && (len(m.unseen) > 0 || m.seen < 0) {
						want = append(want, thread.Entry{ID: id, Author: m.author, For: m.unseen, Seen: m.seen >= 0})
					}
				}
				checkEntries(t, "what waits", want, th.Waiting)
				checkRoundTrip(t, th)
			},
		})
	})
}

// decideDelete does what a noun and the executor of commands do together.
func decideDelete(th thread.Thread, id, by uuid.UUID, events []event) (code string, decided int64) {
	err, done := th.CheckDelete(id, by), "deleted"
	if !th.Deletable(id) {
		err, done = thread.RecallDelete("board-1", id, by, history(events...)), "nothing to do"
	}
	var r *domain.Refusal
	switch {
	case !errors.As(err, &r):
		return done, -1
	case r.Decided != nil:
		return r.Code, r.Decided.Revision
	}
	return r.Code, -1
}

// The readers of entries may be one list in memory, so seeing changes no list in place.
func TestRule1_EntriesMayShareTheirListOfReaders(t *testing.T) {
	readers := []uuid.UUID{ben, cat}
	th := fold(wrote{ID: one, By: ann, For: readers}, wrote{ID: two, By: ann, For: readers}, seen(ben, one))
	for id, want := range map[uuid.UUID][]uuid.UUID{one: {cat}, two: {ben, cat}} {
		if e, _ := th.Find(id); !slices.Equal(e.For, want) {
			t.Errorf("readers %v, want %v", e.For, want)
		}
	}
}

package projections_test

import (
	"errors"
	"testing"

	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
	"lobby.example/projections"
	"lobby.example/readmodel/postgres/pgtest"
)

// P09: an event that cannot be digested stops whoever tries, and each says so. An
// owner that has stopped lets others try, whose program may know the event.
func TestP09AnOwnerThatCannotGoOnLetsOthersTry(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	first := h.process(projections.Options{})
	<-first.Serving()
	second := h.process(projections.Options{})
	reader := h.process(projections.Options{Role: projections.Reader})
	h.say("Anna", "Ben", "hello")
	good := h.last
	bad := h.raw(post.Stream(scenario.ID("a post")), "unheard_of", []byte(`{}`))
	for _, r := range []*projections.Runner{first, second} {
		eventually(t, "it has tried", func() bool {
			undigested := (*projections.UndigestedError)(nil)
			return errors.As(r.Status().Failed, &undigested) && undigested.Position == bad
		})
	}
	for _, r := range []*projections.Runner{first, second, reader} {
		reaches(t, r, good)
		if n := unread(t, r, "Ben"); n != 1 {
			t.Errorf("%d unread, want 1: what was served before is served", n)
		}
	}
	eventually(t, "a process that reads notices", func() bool { return reader.Status().Behind > 0 })
}

// A wish to rebuild waits for the ownership, and is forgotten when another process
// has done so meanwhile.
func TestAWishToRebuildIsFulfilledOnceByWhoeverOwnsTheModel(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	first := h.process(projections.Options{})
	<-first.Serving()
	second := h.process(projections.Options{Rebuild: true})
	if s := second.Status(); s.Build.Number != 1 || s.Building {
		t.Errorf("it does not own the model: %+v", s)
	}
	first.Close()
	eventually(t, "it is built anew", func() bool { return second.Status().Build.Number == 2 })

	third := h.process(projections.Options{Rebuild: true})
	if err := second.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new build is read", func() bool { return third.Status().Build.Number == 3 })
	second.Close()
	eventually(t, "the third owns it", owns(third))
	h.say("Anna", "Ben", "hello")
	reaches(t, third, h.last)
	if s := third.Status(); s.Build.Number != 3 || s.Building {
		t.Errorf("%+v", s)
	}
	h.checked(third)
}

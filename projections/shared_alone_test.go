package projections_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// Where nobody builds, a process that may not says so, and goes on once somebody
// does.
func TestAProcessThatMayNotProjectWaitsForOneThatMay(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	reader := h.process(projections.Options{Role: projections.Reader})
	eventually(t, "it says that nobody builds", func() bool {
		err := viewError(reader)
		if !errors.Is(err, readmodel.ErrRebuilding) {
			t.Fatalf("%v, want ErrRebuilding", err)
		}
		return strings.Contains(err.Error(), "no process builds")
	})
	if s := reader.Status(); s.Ready() || s.Owner || s.Building || s.Failed == nil {
		t.Errorf("%+v", s)
	}
	owner := h.process(projections.Options{})
	reaches(t, reader, h.last)
	if s := reader.Status(); !s.Ready() || s.Owner {
		t.Errorf("%+v", s)
	}
	h.checked(reader, owner)
}

// P13: a process that reads notices that nobody projects what the log has.
func TestP13AReaderKnowsHowFarBehindItIs(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	owner := h.process(projections.Options{})
	reaches(t, owner, h.last)
	owner.Close()
	h.say("Anna", "Ben", "hello")
	r, err := projections.Start(t.Context(), agedLog{h.log, time.Hour}, h.engine(), projections.Options{Role: projections.Reader, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := viewError(r); !errors.Is(err, readmodel.ErrStale) {
		t.Errorf("one hour behind: %v, want ErrStale", err)
	}
	live := h.process(projections.Options{Role: projections.Reader})
	h.say("Anna", "Ben", "hello")
	eventually(t, "it grows", func() bool { return live.Status().Behind > 1.5 })
	again := h.process(projections.Options{})
	for _, reader := range []*projections.Runner{r, live} {
		reaches(t, reader, h.last)
		if s := reader.Status(); !s.Ready() || s.Behind != 0 || unread(t, reader, "Ben") != 2 {
			t.Errorf("%+v", s)
		}
	}
	h.checked(r, live, again)
}

// A process that hears nothing any more asks by itself, for a build that is gone too.
func TestAReaderThatHearsNothingAnyMoreNotices(t *testing.T) {
	h := newHouse(t, pgtest.URL(t))
	owner := h.process(projections.Options{})
	reaches(t, owner, h.last)
	reader := start(t, h.log, deaf{h.engine()}, projections.Options{Role: projections.Reader})
	h.say("Anna", "Ben", "hello")
	reaches(t, reader, h.last)
	if err := owner.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.say("Anna", "Ben", "hello")
	reaches(t, reader, h.last)
	if got := reader.Status().Build; got.Number != 2 || unread(t, reader, "Ben") != 2 {
		t.Errorf("%v is read, with %d", got, unread(t, reader, "Ben"))
	}
	h.checked(reader, owner)
}

// Programs of two versions serve side by side, each from builds of its own, and
// when the older one has ended, what it left is dropped.
func TestProgramsOfTwoVersionsServeSideBySide(t *testing.T) {
	projections.TidyEvery(t, 2*time.Second) // longer than an ownership takes to pass on
	h := newHouse(t, pgtest.URL(t))
	v := projections.Messenger.Version
	engine := h.engine()
	serving := func() readmodel.Build {
		b, err := engine.Serving(t.Context(), projections.Messenger.Name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	old := h.version(v)
	<-old.Serving()
	standby := h.version(v)
	next := h.version(v + 1)
	<-next.Serving()
	if b := serving(); b.Version != v+1 {
		t.Errorf("%v serves", b)
	}
	both := func(runners ...*projections.Runner) {
		t.Helper()
		h.say("Anna", "Ben", "hello")
		for _, r := range runners {
			reaches(t, r, h.last)
		}
	}
	both(old, standby, next)
	old.Close()
	eventually(t, "the other of the older program goes on", owns(standby))
	both(standby, next)
	late := h.version(v) // one more of the older program, which finds its build
	both(standby, late, next)
	if b := late.Status().Build; b != (readmodel.Build{Version: v, Number: 1}) || serving().Version != v+1 {
		t.Errorf("%v is read, and %v serves", b, serving())
	}
	standby.Close()
	late.Close()
	eventually(t, "the older program's build is dropped", func() bool {
		builds, err := engine.Builds(t.Context(), projections.Messenger.Name)
		return err == nil && len(builds) == 1 && builds[0].Version == v+1
	})
	both(next)
	next.Close()

	// A step back, after which nobody runs the newer one.
	back := h.version(v)
	<-back.Serving()
	both(back)
	eventually(t, "the older version serves again, alone", func() bool {
		builds, err := engine.Builds(t.Context(), projections.Messenger.Name)
		return err == nil && len(builds) == 1 && serving().Version == v
	})
	h.checked(back)
}

// What nobody owns at two looks in a row is kept all the same where one follows the
// other at once: between two owners there is a moment.
func TestWhatNobodyOwnsIsKeptForAMoment(t *testing.T) {
	projections.TidyEvery(t, time.Hour)
	h := newHouse(t, pgtest.URL(t))
	v := projections.Messenger.Version
	old := h.version(v)
	<-old.Serving()
	old.Close()
	next := h.version(v + 1)
	<-next.Serving()
	if err := next.Rebuild(t.Context()); err != nil { // after the first build has ended, with a look
		t.Fatal(err)
	}
	for range 3 {
		projections.Tidy(t.Context(), next)
	}
	builds, err := h.engine().Builds(t.Context(), projections.Messenger.Name)
	if err != nil || len(builds) != 2 || builds[0].Version != v || builds[1].Version != v+1 {
		t.Errorf("%v, %v are left", builds, err)
	}
}

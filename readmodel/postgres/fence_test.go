package postgres_test

import (
	"errors"
	"testing"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// A process has lost the model while it filled a build, and does not know. The new
// owner drops that and begins anew: what the old one does then is about its own build,
// which is gone, and never about the new one.
func TestAFormerOwnerIsRefused(t *testing.T) {
	place := pgtest.Place(t)
	one, two := process(t, place), process(t, place)
	owned, err := one.Own(t.Context(), model.Name)
	must(t, err)
	b, s, err := one.Create(t.Context(), model)
	must(t, err)
	terminate(t, place, "lobby owns "+model.Name)
	<-owned.Lost()

	now, err := two.Own(t.Context(), model.Name)
	must(t, err)
	defer now.Release()
	must(t, two.Drop(t.Context(), model.Name, b))
	theirs, store, err := two.Create(t.Context(), model)
	must(t, err)

	for name, ask := range map[string]func() error{
		"Finish": func() error { return s.Finish(t.Context()) },
		"Serve":  func() error { return one.Serve(t.Context(), model.Name, b) },
	} {
		if err := ask(); !errors.Is(err, readmodel.ErrNoBuild) {
			t.Errorf("%s: %v, want ErrNoBuild", name, err)
		}
	}
	must(t, one.Drop(t.Context(), model.Name, b)) // of what is not there
	if _, err := two.Open(t.Context(), model, theirs); !errors.Is(err, readmodel.ErrNoBuild) {
		t.Errorf("the new build is finished: %v", err)
	}
	apply(t, store, 1)
	must(t, store.Finish(t.Context()))
	if err := one.Serve(t.Context(), model.Name, b); !errors.Is(err, readmodel.ErrNoBuild) {
		t.Errorf("Serve of a build that is gone, beside a finished one: %v", err)
	}
	must(t, two.Serve(t.Context(), model.Name, theirs))
}

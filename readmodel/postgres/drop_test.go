package postgres_test

import (
	"errors"
	"testing"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// Another process finds out that a build was dropped, once, and is closed then.
func TestADroppedBuildIsGoneForAllProcesses(t *testing.T) {
	place := pgtest.Place(t)
	one, other := process(t, place), process(t, place)
	for name, ask := range map[string]func(readmodel.Store) error{
		"View":  func(s readmodel.Store) error { return errOf(s.Checkpoint(t.Context())) },
		"Apply": func(s readmodel.Store) error { return s.Apply(t.Context(), at(1), at(2), nil) },
	} {
		b, s := built(t, one)
		apply(t, s, 1)
		theirs, err := other.Open(t.Context(), model, b)
		must(t, err)
		must(t, errOf(theirs.Checkpoint(t.Context())))
		must(t, one.Drop(t.Context(), model.Name, b))
		if err := ask(theirs); !errors.Is(err, readmodel.ErrNoBuild) {
			t.Errorf("%s: error is %v, want ErrNoBuild", name, err)
		}
		if err := ask(theirs); !errors.Is(err, readmodel.ErrClosed) {
			t.Errorf("%s again: error is %v, want ErrClosed", name, err)
		}
	}
}

// A drop waits for a view that has begun, and what comes later does not get in
// between the two.
func TestADropWaitsForViews(t *testing.T) {
	place := pgtest.Place(t)
	one, other := process(t, place), process(t, place)
	b, s := built(t, one)
	apply(t, s, 1)
	theirs, err := other.Open(t.Context(), model, b)
	must(t, err)
	dropped := make(chan error, 1)
	var n int
	must(t, errOf(theirs.View(t.Context(), func(q readmodel.Query) error {
		if _, err := q.Row(t.Context(), "select 1", []any{&n}); err != nil {
			return err
		}
		go func() { dropped <- one.Drop(t.Context(), model.Name, b) }()
		for waiting := false; !waiting; { // until the drop is held up
			if _, err := q.Row(t.Context(), "select exists (select 1 from pg_locks where not granted and relation = 'readmodel_checkpoint'::regclass)", []any{&waiting}); err != nil {
				return err
			}
		}
		_, err := q.Row(t.Context(), "select count(*) from message", []any{&n})
		return err
	})))
	must(t, <-dropped)
	if n != 1 {
		t.Errorf("the view saw %d rows", n)
	}
}

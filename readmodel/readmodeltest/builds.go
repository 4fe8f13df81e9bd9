package readmodeltest

import (
	"slices"
	"testing"

	"lobby.example/readmodel"
)

func builds(t testing.TB, e readmodel.Engine, name string) []readmodel.Build {
	t.Helper()
	list, err := e.Builds(t.Context(), name)
	must(t, err)
	return list
}

func buildsAreListed(t *testing.T, engine Engine) {
	e := start(t, engine)
	equal(t, len(builds(t, e, model.Name)), 0)
	older, other := model, model
	older.Version = 2
	other.Name = "suite2"
	var want []readmodel.Build
	for _, m := range []readmodel.Model{model, model, older, other} {
		b, _, err := e.Create(t.Context(), m)
		must(t, err)
		if m.Name == model.Name {
			want = append(want, b)
		}
	}
	equal(t, want[0], readmodel.Build{Version: 3, Number: 1})
	equal(t, want[1], readmodel.Build{Version: 3, Number: 2})
	equal(t, want[2], readmodel.Build{Version: 2, Number: 1})
	got := builds(t, e, model.Name)
	if !slices.Equal(got, []readmodel.Build{want[2], want[0], want[1]}) {
		t.Fatalf("builds are %v", got)
	}
	equal(t, len(builds(t, e, other.Name)), 1)

	must(t, e.Drop(t.Context(), model.Name, want[0]))
	must(t, e.Drop(t.Context(), model.Name, want[0])) // is not there any more
	equal(t, len(builds(t, e, model.Name)), 2)
	b, _, err := e.Create(t.Context(), model)
	must(t, err)
	equal(t, b, readmodel.Build{Version: 3, Number: 3})
	if _, _, err := e.Create(t.Context(), readmodel.Model{Name: "../../x", Version: 1}); err == nil {
		t.Fatal("a model may have any name")
	}
}

func servingSurvives(t *testing.T, engine Engine) {
	place := engine.Place(t)
	e := reopen(t, engine, place)
	none, err := e.Serving(t.Context(), model.Name)
	must(t, err)
	equal(t, none, readmodel.Build{})
	b1, s1 := filled(t, e, setNote.Row("a", 1, "first"))
	b2, _ := filled(t, e, setNote.Row("a", 2, "second"))
	must(t, e.Serve(t.Context(), model.Name, b2))
	must(t, e.Serve(t.Context(), model.Name, b1))
	want := dump(t, s1)
	must(t, e.Close())

	e = reopen(t, engine, place)
	b, err := e.Serving(t.Context(), model.Name)
	must(t, err)
	equal(t, b, b1)
	s, err := e.Open(t.Context(), model, b)
	must(t, err)
	equal(t, dump(t, s), want)
	c, err := s.Checkpoint(t.Context())
	must(t, err)
	equal(t, c, at(1))
}

func droppingWhatServes(t *testing.T, engine Engine) {
	e := start(t, engine)
	b, s := filled(t, e)
	must(t, e.Serve(t.Context(), model.Name, b))
	must(t, e.Drop(t.Context(), model.Name, b))
	serving, err := e.Serving(t.Context(), model.Name)
	must(t, err)
	equal(t, serving, readmodel.Build{})
	_, err = s.View(t.Context(), func(readmodel.Query) error { return nil })
	fails(t, err, readmodel.ErrClosed)
	fails(t, e.Serve(t.Context(), model.Name, b), readmodel.ErrNoBuild)
	_, err = e.Open(t.Context(), model, b)
	fails(t, err, readmodel.ErrNoBuild)
}

func unfinishedBuild(t *testing.T, engine Engine) {
	place := engine.Place(t)
	e := reopen(t, engine, place)
	b, s, err := e.Create(t.Context(), model)
	must(t, err)
	must(t, s.Apply(t.Context(), at(0), at(1), []readmodel.Operation{makeNote.Row("a")}))
	fails(t, e.Serve(t.Context(), model.Name, b), readmodel.ErrNoBuild)
	_, err = e.Open(t.Context(), model, b)
	fails(t, err, readmodel.ErrNoBuild)
	must(t, e.Close())
	dropUnfinished(t, reopen(t, engine, place), b)
}

// dropUnfinished finds the build, but cannot open it, and drops it.
func dropUnfinished(t *testing.T, e readmodel.Engine, b readmodel.Build) {
	t.Helper()
	if got := builds(t, e, model.Name); !slices.Equal(got, []readmodel.Build{b}) {
		t.Fatalf("builds are %v", got)
	}
	_, err := e.Open(t.Context(), model, b)
	fails(t, err, readmodel.ErrNoBuild)
	fails(t, e.Serve(t.Context(), model.Name, b), readmodel.ErrNoBuild)
	must(t, e.Drop(t.Context(), model.Name, b))
	equal(t, len(builds(t, e, model.Name)), 0)
}

func fillingAndLive(t *testing.T, engine Engine) {
	e := start(t, engine)
	b, s, err := e.Create(t.Context(), model)
	must(t, err)
	c, err := s.Checkpoint(t.Context())
	must(t, err)
	equal(t, c, readmodel.Checkpoint{})
	must(t, s.Apply(t.Context(), c, at(1), []readmodel.Operation{setNote.Row("a", 1, "filling")}))
	equal(t, dump(t, s), "note\tid=\"a\"\tbody=\"filling\"\tsize=1\tcomment=null\n")
	fails(t, s.Apply(t.Context(), at(7), at(8), nil), readmodel.ErrMoved)
	must(t, s.Finish(t.Context()))
	must(t, s.Finish(t.Context())) // is finished already
	must(t, s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{setNote.Row("b", 2, "live")}))
	want := dump(t, s)
	equal(t, want, "note\tid=\"a\"\tbody=\"filling\"\tsize=1\tcomment=null\nnote\tid=\"b\"\tbody=\"live\"\tsize=2\tcomment=null\n")
	must(t, s.Close())
	s, err = e.Open(t.Context(), model, b)
	must(t, err)
	equal(t, dump(t, s), want)
}

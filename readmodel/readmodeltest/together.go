package readmodeltest

import (
	"errors"
	"slices"
	"testing"

	"lobby.example/readmodel"
)

// asksTogether runs queries of one text and of several at once, in a view that asks
// before and after, and stops at the first error.
func asksTogether(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), setSize.Row("a", 1), setSize.Row("b", 2), setSize.Row("c", 3))
	var got []string
	ask := func(fail error, sql string, values ...any) readmodel.Ask {
		return readmodel.Ask{SQL: sql, Values: values, Each: func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			got = append(got, id)
			return errors.Join(err, fail)
		}}
	}
	const larger, all = `select id from note where size > $1 order by id`, `select id from note order by id desc`
	for range 3 { // prepared, and not yet
		got = nil
		_, err := s.View(t.Context(), func(q readmodel.Query) error {
			if err := readmodel.Together(t.Context(), q, ask(nil, larger, 2), ask(nil, larger, 1), ask(nil, all), ask(nil, larger, 9)); err != nil {
				return err
			}
			if err := readmodel.Together(t.Context(), q); err != nil {
				return err
			}
			return q.Rows(t.Context(), larger, ask(nil, "").Each, 2)
		})
		must(t, err)
		equal(t, slices.Equal(got, []string{"c", "b", "c", "c", "b", "a", "c"}), true)
	}
	got = nil
	stop := errors.New("stop")
	_, err := s.View(t.Context(), func(q readmodel.Query) error {
		err := readmodel.Together(t.Context(), q, ask(nil, larger, 2), ask(stop, larger, 0), ask(nil, all))
		equal(t, errors.Is(err, stop), true)
		return q.Rows(t.Context(), larger, ask(nil, "").Each, 2) // the view goes on
	})
	must(t, err)
	equal(t, slices.Equal(got, []string{"c", "a", "c"}), true)
	_, err = s.View(t.Context(), func(q readmodel.Query) error {
		return readmodel.Together(t.Context(), q, ask(nil, larger, 2), ask(nil, `select nothing from note`), ask(nil, all))
	})
	equal(t, err != nil, true)
	equal(t, slices.Equal(got, []string{"c", "a", "c", "c"}), true)
	_, err = s.View(t.Context(), func(q readmodel.Query) error { return q.Rows(t.Context(), all, ask(nil, "").Each) })
	must(t, err)
}

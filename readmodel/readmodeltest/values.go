package readmodeltest

import (
	"database/sql"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/readmodel"
)

// state is a named type, as values have in programs.
type state string

func numberedParameters(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), setNote.Row("a", 1, "x"), setNote.Row("b", 2, "x"), setNote.Row("c", 2, "y"))
	_, err := s.View(t.Context(), func(q readmodel.Query) error {
		list, err := texts(t.Context(), q, "select id from note where body = $2 and size >= $1 and (size > $1 or body = $2) order by id", 1, "x")
		if !slices.Equal(list, []string{"a", "b"}) {
			t.Errorf("read %q", list)
		}
		return err
	})
	must(t, err)
}

func parameterLists(t *testing.T, engine Engine) {
	equal(t, readmodel.Placeholders(3, 2), "($3, $4)")
	equal(t, readmodel.Placeholders(9, 3), "($9, $10, $11)")
	_, s := filled(t, start(t, engine), setNote.Row("a", 1, "x"), setNote.Row("b", 2, "x"), setNote.Row("c", 3, "x"))
	for n, want := range []string{"", "a", "a b", "a b c"} {
		_, err := s.View(t.Context(), func(q readmodel.Query) error {
			list, err := texts(t.Context(), q, "select id from note where body = $1 and id in "+readmodel.Placeholders(2, n)+" order by id", []any{"x", "a", "b", "c"}[:n+1]...)
			if got := strings.Join(list, " "); got != want {
				t.Errorf("of %d: read %s, want %s", n, got, want)
			}
			return err
		})
		must(t, err)
	}
}

func badQueries(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), makeNote.Row("a"))
	nothing := func(func(...any) error) error { return nil }
	for name, bad := range map[string]func(readmodel.Query) error{
		"syntax": func(q readmodel.Query) error { return q.Rows(t.Context(), "selec", nothing) },
		"parameter": func(q readmodel.Query) error {
			return q.Rows(t.Context(), "select id from note where id = $1", nothing)
		},
		"value": func(q readmodel.Query) error {
			return q.Rows(t.Context(), "select id from note where id = $1", nothing, struct{}{})
		},
		"nested": func(q readmodel.Query) error {
			return q.Rows(t.Context(), "select id from note", func(func(...any) error) error {
				return q.Rows(t.Context(), "select id from note", nothing)
			})
		},
		"too few": func(q readmodel.Query) error {
			var a string
			_, err := q.Row(t.Context(), "select id, body from note", []any{&a})
			return err
		},
		"null into text": func(q readmodel.Query) error {
			var a string
			_, err := q.Row(t.Context(), "select comment from note", []any{&a})
			return err
		},
		"text into integer": func(q readmodel.Query) error {
			var n int64
			_, err := q.Row(t.Context(), "select id from note", []any{&n})
			return err
		},
		"no pointer": func(q readmodel.Query) error {
			_, err := q.Row(t.Context(), "select id from note", []any{""})
			return err
		},
	} {
		if _, err := s.View(t.Context(), bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	_, err := s.View(t.Context(), func(q readmodel.Query) error {
		var a string
		found, err := q.Row(t.Context(), "select id from note where id = 'nobody'", []any{&a})
		equal(t, found, false)
		return err
	})
	must(t, err)
}

func valuesReturn(t *testing.T, engine Engine) {
	table := &readmodel.Table{Name: "kinds", Key: 1, Columns: []readmodel.Column{
		{Name: "id", Type: readmodel.Integer},
		{Name: "t", Type: readmodel.Text}, {Name: "i", Type: readmodel.Integer}, {Name: "b", Type: readmodel.Boolean}, {Name: "w", Type: readmodel.Time},
		{Name: "nt", Type: readmodel.Text, Null: true}, {Name: "ni", Type: readmodel.Integer, Null: true}, {Name: "nb", Type: readmodel.Boolean, Null: true}, {Name: "nw", Type: readmodel.Time, Null: true},
	}}
	set := table.Upsert("id", "t", "i", "b", "w", "nt", "ni", "nb", "nw")
	m := readmodel.Model{Name: "kinds", Version: 1, Tables: []*readmodel.Table{table}}
	e := start(t, engine)
	_, s, err := e.Create(t.Context(), m)
	must(t, err)
	defer s.Close()
	id := uuid.New()
	wanted := []struct {
		text string
		n    int64
		yes  bool
		when time.Time
	}{
		{"", 0, false, time.Time{}},
		{"plain", 1, true, time.Date(2024, 2, 29, 23, 59, 59, 999999000, time.UTC)},
		{"žluťoučký 😀 \n\t'\"\\ \u200f", math.MaxInt64, true, time.Date(1931, 7, 1, 1, 2, 3, 456789000, time.UTC)},
		{strings.Repeat("long ", 20_000), math.MinInt64, false, time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC)},
		{id.String(), -1, true, time.Date(9999, 1, 1, 0, 0, 0, 1000, time.UTC)},
	}
	var operations []readmodel.Operation
	for i, w := range wanted {
		operations = append(operations, set.Row(i, w.text, w.n, w.yes, w.when, w.text, w.n, w.yes, w.when), set.Row(100+i, w.text, w.n, w.yes, w.when, nil, nil, nil, nil))
	}
	// What programs have besides: named types, pointers, zones, UUIDs.
	text := "pointed at"
	east := time.FixedZone("east", 3600)
	operations = append(operations, set.Row(int32(200), id, 7, true, time.Date(2020, 1, 1, 1, 0, 0, 1999, east), state("named"), (*int64)(nil), sql.NullBool{}, sql.NullTime{}))
	operations = append(operations, set.Row(uint8(201), &text, 7, true, &wanted[1].when, []byte("bytes"), sql.Null[int64]{V: 5, Valid: true}, nil, (*time.Time)(nil)))
	must(t, s.Apply(t.Context(), at(0), at(1), operations))
	must(t, s.Finish(t.Context()))

	const query = "select t, i, b, w, nt, ni, nb, nw from kinds where id = $1"
	_, err = s.View(t.Context(), func(q readmodel.Query) error {
		row := func(id any, into ...any) {
			t.Helper()
			found, err := q.Row(t.Context(), query, into, id)
			must(t, err)
			equal(t, found, true)
		}
		for i, w := range wanted {
			for _, key := range []int{i, 100 + i} {
				var text string
				var n int64
				var yes bool
				var when time.Time
				nt, ni, nb, nw := new(string), new(int64), new(bool), new(time.Time)
				row(key, &text, &n, &yes, &when, &nt, &ni, &nb, &nw)
				equal(t, text, w.text)
				equal(t, n, w.n)
				equal(t, yes, w.yes)
				equal(t, when, w.when)
				if key >= 100 {
					equal(t, nt == nil && ni == nil && nb == nil && nw == nil, true)
					continue
				}
				equal(t, *nt, w.text)
				equal(t, *ni, w.n)
				equal(t, *nb, w.yes)
				equal(t, *nw, w.when)
			}
		}
		var got uuid.UUID
		var n int
		var yes, yes2 bool
		var when time.Time
		var named state
		var ni sql.NullInt64
		var nb sql.NullBool
		var nw sql.NullTime
		row(200, &got, &n, &yes, &when, &named, &ni, &nb, &nw)
		equal(t, got, id)
		equal(t, n, 7)
		equal(t, yes, true)
		equal(t, when, time.Date(2020, 1, 1, 0, 0, 0, 1000, time.UTC))
		equal(t, named, "named")
		equal(t, ni.Valid || nb.Valid || nw.Valid, false)
		var text2 sql.NullString
		var bytes []byte
		var nn sql.Null[int64]
		var nnw sql.Null[time.Time]
		row(201, &text2, &n, &yes2, &nw, &bytes, &nn, &nb, &nnw)
		equal(t, text2, sql.NullString{String: text, Valid: true})
		equal(t, string(bytes), "bytes")
		equal(t, nw, sql.NullTime{Time: wanted[1].when, Valid: true})
		equal(t, nn, sql.Null[int64]{V: 5, Valid: true})
		equal(t, nnw.Valid, false)
		// Arguments are converted as values are.
		for _, arg := range []struct {
			where string
			value any
		}{{"t = $1", id.String()}, {"w = $1", wanted[2].when.In(east)}, {"i = $1 and b", int64(math.MaxInt64)}, {"nt = $1", state("named")}, {"b = $1 and i = 1", true}, {"ni is null and t = $1", "plain"}} {
			var count int
			_, err := q.Row(t.Context(), "select count(*) from kinds where "+arg.where, []any{&count}, arg.value)
			must(t, err)
			if count == 0 {
				t.Errorf("no row where %s and $1 is %v", arg.where, arg.value)
			}
		}
		return nil
	})
	must(t, err)
}

func textOrder(t *testing.T, engine Engine) {
	want := []string{"", "-a", "A", "B", "Z", "a", "a b", "aa", "b", "z", "ä", "é", "\U0001F600"}
	var operations []readmodel.Operation
	for _, id := range want {
		operations = append(operations, makeNote.Row(id))
	}
	_, s := filled(t, start(t, engine), operations...)
	_, err := s.View(t.Context(), func(q readmodel.Query) error {
		list, err := texts(t.Context(), q, "select id from note order by id")
		if !slices.Equal(list, want) {
			t.Errorf("order is %q", list)
		}
		if err != nil {
			return err
		}
		list, err = texts(t.Context(), q, "select id from note where (id, size) > ($1, $2) order by id desc", "a", 0)
		slices.Reverse(want)
		if !slices.Equal(list, want[:7]) {
			t.Errorf("after a comes %q", list)
		}
		return err
	})
	must(t, err)
}

func timeOrder(t *testing.T, engine Engine) {
	start1970 := time.Unix(0, 0).UTC()
	want := []time.Time{{}, start1970.Add(-time.Hour), start1970.Add(-time.Microsecond), start1970, start1970.Add(time.Microsecond), start1970.AddDate(100, 0, 0)}
	var operations []readmodel.Operation
	for i, when := range want {
		operations = append(operations, setMark.Row(-i, "x", false, when))
	}
	_, s := filled(t, start(t, engine), operations...)
	var got []time.Time
	_, err := s.View(t.Context(), func(q readmodel.Query) error {
		return q.Rows(t.Context(), "select at from mark where at < $1 order by at", func(scan func(...any) error) error {
			var when time.Time
			err := scan(&when)
			got = append(got, when)
			return err
		}, want[len(want)-1])
	})
	must(t, err)
	if !slices.Equal(got, want[:len(want)-1]) {
		t.Fatalf("order is %v", got)
	}
}

package readmodel

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var pairs = &Table{Name: "pair", Key: 2, Columns: []Column{{Name: "k"}, {Name: "n", Type: Integer}, {Name: "v"}, {Name: "w", Null: true}}}

// Keys are compared by their encoding, so that has to order as the values do, and
// tell apart what differs.
func TestEncodedKeysOrderAsValuesDo(t *testing.T) {
	text := rapid.StringOf(rapid.SampledFrom([]rune{0, 1, 'a', 'b', 'é', 0xff, 0x1F600}))
	encode := func(k string, n int64) []byte {
		key, err := appendKey(nil, Text, k)
		if err == nil {
			key, err = appendKey(key, Integer, n)
		}
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	rapid.Check(t, func(t *rapid.T) {
		k1, k2 := text.Draw(t, "k1"), text.Draw(t, "k2")
		n1, n2 := rapid.Int64().Draw(t, "n1"), rapid.Int64().Draw(t, "n2")
		if got, want := bytes.Compare(encode(k1, n1), encode(k2, n2)), cmp.Or(cmp.Compare(k1, k2), cmp.Compare(n1, n2)); got != want {
			t.Fatalf("order is %d, want %d", got, want)
		}
	})
}

func TestEqualKeysOfOtherTypesAreEqual(t *testing.T) {
	id := uuid.New()
	when := time.Date(1960, 5, 6, 7, 8, 9, 10_999, time.UTC)
	for _, c := range []struct {
		column Type
		same   []any
	}{
		{Text, []any{id.String(), id, []byte(id.String())}},
		{Identifier, []any{id.String(), id, ID(id.String()), []byte(id.String()), &id}},
		{Integer, []any{-7, int64(-7), int8(-7)}},
		{Boolean, []any{true, ptr(true)}},
		{Time, []any{when, when.Truncate(time.Microsecond), when.In(time.FixedZone("", 60)), &when}},
	} {
		first, err := appendKey(nil, c.column, c.same[0])
		for _, other := range c.same[1:] {
			got, otherErr := appendKey(nil, c.column, other)
			if err != nil || otherErr != nil || !bytes.Equal(got, first) {
				t.Errorf("%v and %v are %x and %x: %v %v", c.same[0], other, first, got, err, otherErr)
			}
		}
		for _, wrong := range []any{nil, 1.5, struct{}{}, (*string)(nil)} {
			if _, err := appendKey(nil, c.column, wrong); err == nil {
				t.Errorf("%#v is a key", wrong)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// What reaches an engine: few writes, no key twice in one, statements in place.
func TestCoalescing(t *testing.T) {
	all, v := pairs.Upsert("k", "n", "w", "v"), pairs.Upsert("k", "n", "v")
	c, err := NewCoalescer(Model{Name: "m", Tables: []*Table{pairs}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time in used memory
		var got []string
		err = c.Each([]Operation{
			v.Row("b", 2, "first"), v.Row("b", 1, "x"), all.Row("a", 9, "w", "y"), v.Row("b", 2, "last"), pairs.DeleteRow("c", 1), v.Row("d", 1, "lost"), pairs.DeleteRow("d", 1),
			Statement("delete from pair"), Statement("vacuum"),
			pairs.DeleteRow("a", 1), v.Row("a", 1, "new"),
		}, func(w *Write) error {
			switch {
			case w.Run != nil:
				got = append(got, w.Run.SQL)
			case w.Set == 0:
				got = append(got, fmt.Sprint("delete ", w.Rows, w.Values))
			default:
				got = append(got, fmt.Sprint(w.Set.Names(w.Table), w.Rows, w.Values))
			}
			return nil
		})
		want := []string{
			"delete 2 [c 1 d 1]", "[k n v w] 1 [a 9 y w]", "[k n v] 2 [b 1 x b 2 last]",
			"delete from pair", "vacuum",
			"[k n v w] 1 [a 1 new <nil>]",
		}
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got\n%q\nwant\n%q: %v", got, want, err)
		}
	}
}

func TestTablesThatCannotBe(t *testing.T) {
	for name, table := range map[string]*Table{
		"no key":   {Columns: []Column{{Name: "a"}}},
		"long key": {Columns: []Column{{Name: "a"}}, Key: 2},
		"null key": {Columns: []Column{{Name: "a", Null: true}}, Key: 1},
		"wide":     {Columns: make([]Column, maxColumns+1), Key: 1},
	} {
		if _, err := NewCoalescer(Model{Tables: []*Table{table}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

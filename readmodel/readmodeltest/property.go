package readmodeltest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lobby.example/readmodel"
)

// rows is what the tables must be: the row under each key, as values by column.
type rows map[*readmodel.Table]map[[2]any][]any

func (r rows) row(t *readmodel.Table, key []any) (map[[2]any][]any, [2]any) {
	if r[t] == nil {
		r[t] = map[[2]any][]any{}
	}
	var k [2]any
	copy(k[:], key[:t.Key])
	return r[t], k
}

// apply runs one operation in the plainest way there is.
func (r rows) apply(op readmodel.Operation) {
	switch {
	case op.Delete != nil:
		table, key := r.row(op.Delete, op.Values)
		delete(table, key)
	case op.Upsert != nil:
		t := op.Upsert.Table
		table, key := r.row(t, op.Values)
		if table[key] == nil {
			for _, c := range t.Columns {
				table[key] = append(table[key], map[bool]any{false: []any{"", 0, false, time.Time{}, ""}[c.Type]}[c.Null])
			}
		}
		for i, name := range op.Upsert.Columns {
			at := slices.IndexFunc(t.Columns, func(c readmodel.Column) bool { return c.Name == name })
			table[key][at] = op.Values[i]
		}
	case op.SQL == grow:
		for _, row := range r[notes] {
			row[2] = row[2].(int) + op.Values[0].(int)
		}
	case op.SQL == sweep:
		maps.DeleteFunc(r[marks], func(_ [2]any, row []any) bool { return row[2] == op.Values[0] })
	}
}

const (
	grow  = "update note set size = size + $1"
	sweep = `delete from mark where "set" = $1`
)

// text is what Dump must give.
func (r rows) text() string {
	var b strings.Builder
	for _, t := range model.Tables {
		sorted := slices.SortedFunc(maps.Values(r[t]), func(x, y []any) int {
			for i := range t.Key {
				n, ok := x[i].(int)
				if c := cmp.Compare(fmt.Sprint(x[i]), fmt.Sprint(y[i])); !ok && c != 0 {
					return c
				} else if ok && n != y[i].(int) {
					return cmp.Compare(n, y[i].(int))
				}
			}
			return 0
		})
		for _, row := range sorted {
			b.WriteString(t.Name)
			for i, c := range t.Columns {
				fmt.Fprintf(&b, "\t%s=", c.Name)
				switch v := row[i].(type) {
				case nil:
					b.WriteString("null")
				case string:
					fmt.Fprintf(&b, "%q", v)
				case time.Time:
					b.WriteString(v.Format(time.RFC3339Nano))
				default:
					fmt.Fprint(&b, v)
				}
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func operations() *rapid.Generator[readmodel.Operation] {
	// Few keys, so that operations meet, some with bytes that an encoding of keys
	// could stumble over.
	id := rapid.SampledFrom([]string{"", "a", "a\x01", "ab", "b", "é", "\U0001F600"})
	text := rapid.SampledFrom([]string{"", "x", "y'\"; --", "zürich"})
	owner := rapid.SampledFrom([]string{"", "p", "p\x01q", "q"})
	channel := rapid.SampledFrom(names)
	entry := rapid.SampledFrom(uuids)
	small := rapid.IntRange(-3, 3)
	return rapid.Custom(func(t *rapid.T) readmodel.Operation {
		switch rapid.IntRange(0, 11).Draw(t, "operation") {
		case 0:
			return setNote.Row(id.Draw(t, "id"), small.Draw(t, "size"), text.Draw(t, "body"))
		case 1:
			return setBody.Row(id.Draw(t, "id"), text.Draw(t, "body"))
		case 2:
			return setSize.Row(id.Draw(t, "id"), small.Draw(t, "size"))
		case 3:
			if rapid.Bool().Draw(t, "null") {
				return comment.Row(id.Draw(t, "id"), nil)
			}
			return comment.Row(id.Draw(t, "id"), text.Draw(t, "comment"))
		case 4:
			return makeNote.Row(id.Draw(t, "id"))
		case 5:
			return notes.DeleteRow(id.Draw(t, "id"))
		case 6, 7:
			when := time.UnixMicro(rapid.Int64Range(-1e15, 1e15).Draw(t, "at")).UTC()
			return setMark.Row(small.Draw(t, "number"), owner.Draw(t, "owner"), rapid.Bool().Draw(t, "set"), when)
		case 8:
			return marks.DeleteRow(small.Draw(t, "number"), owner.Draw(t, "owner"))
		case 9:
			return setLink.Row(channel.Draw(t, "channel"), entry.Draw(t, "entry"), entry.Draw(t, "author"), channel.Draw(t, "reader"))
		case 10:
			if rapid.Bool().Draw(t, "make") {
				return makeLink.Row(channel.Draw(t, "channel"), entry.Draw(t, "entry"))
			}
			return links.DeleteRow(channel.Draw(t, "channel"), entry.Draw(t, "entry"))
		}
		if rapid.Bool().Draw(t, "grow") {
			return readmodel.Statement(grow, small.Draw(t, "by"))
		}
		return readmodel.Statement(sweep, rapid.Bool().Draw(t, "set"))
	})
}

// anyCutsAreEqual applies random operations to two builds in random batches, one
// of them finished. Both equal a map to which the operations were applied one by
// one.
func anyCutsAreEqual(t *testing.T, engine Engine) {
	e := start(t, engine)
	_, live := filled(t, e)
	_, filling, err := e.Create(t.Context(), model)
	must(t, err)
	must(t, filling.Apply(t.Context(), at(0), at(1), nil))
	position := map[readmodel.Store]int{live: 1, filling: 1}
	apply := func(s readmodel.Store, operations ...readmodel.Operation) {
		n := position[s]
		must(t, s.Apply(t.Context(), at(n), at(n+1), operations))
		position[s]++
	}
	lists := rapid.SliceOfN(operations(), 0, 60)
	rapid.Check(t, func(rt *rapid.T) {
		list := lists.Draw(rt, "operations")
		want := rows{}
		for _, op := range list {
			want.apply(op)
		}
		for _, s := range []readmodel.Store{live, filling} {
			apply(s, readmodel.Statement("delete from note"), readmodel.Statement("delete from mark"), readmodel.Statement("delete from link"))
			for left := list; len(left) > 0; {
				cut := rapid.IntRange(1, len(left)).Draw(rt, "batch")
				apply(s, left[:cut]...)
				left = left[cut:]
			}
			if got := dump(t, s); got != want.text() {
				rt.Fatalf("got\n%s\nwant\n%s", got, want.text())
			}
		}
	})
}

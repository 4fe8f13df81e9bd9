package readmodeltest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"lobby.example/readmodel"
)

// writtenOnce fills a table whose rows are written once, and deletes from it, the
// row that came last among others: many rows and few, while the build is filled
// and after. A key and the words are found exactly as long as the row is there. An
// edit of words is found, too.
func writtenOnce(t *testing.T, engine Engine) {
	place := engine.Place(t)
	e := reopen(t, engine, place)
	b, s, err := e.Create(t.Context(), model)
	must(t, err)
	random := rand.New(rand.NewPCG(3, 5))
	var live []int // the rows that are there
	var gone []int
	edited := map[int]bool{} // of those on pages, which may be written again
	next, position := 0, 0
	apply := func(inserts, deletes, edits int) {
		t.Helper()
		var operations []readmodel.Operation
		for range inserts {
			operations = append(operations, newLine.Row(fmt.Sprint("page ", next%7), fmt.Sprint("line ", next), next, fmt.Sprintf("w%06d all", next)))
			operations = append(operations, findable.Row(fmt.Sprint(next), "", fmt.Sprintf("p%06d all", next)))
			live = append(live, next)
			next++
		}
		for i := range min(deletes, len(live)) {
			at := len(live) - 1
			if i%2 == 0 {
				at = random.IntN(len(live))
			}
			n := live[at]
			live, gone = slices.Delete(live, at, at+1), append(gone, n)
			operations = append(operations, lines.DeleteRow(fmt.Sprint("page ", n%7), fmt.Sprint("line ", n)), pages.DeleteRow(fmt.Sprint(n)))
			delete(edited, n)
		}
		for range min(edits, len(live)) {
			n := live[random.IntN(len(live))]
			edited[n] = true
			operations = append(operations, findable.Row(fmt.Sprint(n), "", fmt.Sprintf("e%06d all", n)))
		}
		must(t, s.Apply(t.Context(), at(position), at(position+1), operations))
		position++
	}
	check := func() {
		t.Helper()
		_, err := s.View(t.Context(), func(q readmodel.Query) error {
			count := func(sql string, args ...any) (n int) {
				_, err := q.Row(t.Context(), sql, []any{&n}, args...)
				must(t, err)
				return n
			}
			found := func(table, alias, words string) int {
				match, argument := q.Match(table, alias, 1, readmodel.SearchTerms(words))
				return count("select count(*) from "+table+" "+alias+" where "+match, argument)
			}
			byKey := func(n int) int {
				return count(`select count(*) from line_by_key l where l.page = $1 and l.line = $2 and l.number = $3`, fmt.Sprint("page ", n%7), fmt.Sprint("line ", n), n)
			}
			look := func(n, want int) {
				if got := byKey(n); got != want {
					t.Errorf("row %d of %d is found %d times by its key, not %d", n, next, got, want)
				}
				if got := found("line", "l", fmt.Sprintf("w%06d", n)) + found("page", "p", fmt.Sprintf("p%06d", n)) + found("page", "p", fmt.Sprintf("e%06d", n)); got != 2*want {
					t.Errorf("row %d of %d is found %d times by its words, not %d", n, next, got, 2*want)
				}
				if want, got := edited[n], found("page", "p", fmt.Sprintf("e%06d", n)) == 1; got != want {
					t.Errorf("row %d is found by edited words: %t", n, got)
				}
			}
			for range min(20, len(live)) {
				look(live[random.IntN(len(live))], 1)
			}
			for _, n := range live[max(0, len(live)-3):] {
				look(n, 1)
			}
			for range min(10, len(gone)) {
				look(gone[random.IntN(len(gone))], 0)
			}
			for _, table := range []string{"line", "page"} {
				if got := found(table, "x", "al"); got != len(live) {
					t.Errorf("all %d rows of %s are found %d times", len(live), table, got)
				}
			}
			if got := count("select count(*) from line_by_key where page = $1", "page 3"); got != count("select count(*) from line where page = $1", "page 3") {
				t.Errorf("%d rows of a page by their keys", got)
			}
			return nil
		})
		must(t, err)
	}
	for range 6 {
		apply(1500, 400, 20)
	}
	must(t, s.Finish(t.Context()))
	check()
	for round := range 60 {
		apply(random.IntN(300), random.IntN(60), random.IntN(5))
		if round%10 == 0 {
			check()
		}
	}
	apply(0, 40, 0)
	apply(40, 1, 0)
	check()
	must(t, s.Close())
	s, err = e.Open(t.Context(), model, b)
	must(t, err)
	apply(10, 10, 1)
	check()
	apply(0, 30, 0) // the last rows among them
	apply(20, 0, 0)
	check()
	apply(5000, len(live)+5000, 0) // nothing is left
	check()
	apply(3, 0, 1)
	check()
}

var (
	lines = &readmodel.Table{
		Name: "line", Key: 2, Once: true, Search: "words",
		Columns: []readmodel.Column{{Name: "page"}, {Name: "line"}, {Name: "number", Type: readmodel.Integer}, {Name: "words"}},
		Indexes: []readmodel.Index{{Columns: []string{"page", "number"}}},
	}
	newLine = lines.Upsert("page", "line", "number", "words")
)

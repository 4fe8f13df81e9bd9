package readmodeltest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"lobby.example/readmodel"
)

func applyIsAtomic(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), setNote.Row("a", 1, "kept"))
	want := dump(t, s)
	for name, bad := range map[string]readmodel.Operation{
		"null":      setBody.Row("b", nil),
		"statement": readmodel.Statement("update nothing set x = 1"),
		"value":     setBody.Row("b", struct{}{}),
		"key":       setBody.Row(struct{}{}, "b"),
	} {
		operations := []readmodel.Operation{setNote.Row("a", 2, "lost"), setMark.Row(1, "x", true, time.Now())}
		for i := range 200 {
			operations = append(operations, setBody.Row(fmt.Sprint(i), "lost"))
		}
		operations = append(operations, readmodel.Statement("delete from note where size = 1"), bad)
		if err := s.Apply(t.Context(), at(1), at(2), operations); err == nil || errors.Is(err, readmodel.ErrMoved) {
			t.Fatalf("%s: error is %v", name, err)
		}
		equal(t, dump(t, s), want)
		c, err := s.Checkpoint(t.Context())
		must(t, err)
		equal(t, c, at(1))
	}
	must(t, s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{notes.DeleteRow("a")}))
	equal(t, dump(t, s), "")
	// The same position with another event is another checkpoint.
	fails(t, s.Apply(t.Context(), readmodel.Checkpoint{Position: "2", Event: "other"}, at(3), nil), readmodel.ErrMoved)
}

// twoWriters lets two stores of one build write from the same checkpoint at the
// same time.
func twoWriters(t *testing.T, engine Engine) {
	e := start(t, engine)
	b, s := filled(t, e, setSize.Row("total", 0))
	second, err := e.Open(t.Context(), model, b)
	must(t, err)
	const rounds = 50
	from := at(1)
	for n := range rounds {
		answers := make(chan error, 2)
		for i, s := range []readmodel.Store{s, second} {
			go func() {
				to := readmodel.Checkpoint{Position: at(n + 2).Position, Event: fmt.Sprint("by ", i)}
				answers <- s.Apply(t.Context(), from, to, []readmodel.Operation{readmodel.Statement("update note set size = size + 1 where id = $1", "total")})
			}()
		}
		one, other := <-answers, <-answers
		if one != nil {
			one, other = other, one
		}
		must(t, one)
		fails(t, other, readmodel.ErrMoved)
		from, err = second.Checkpoint(t.Context())
		must(t, err)
		equal(t, from.Position, at(n+2).Position)
	}
	equal(t, dump(t, s), fmt.Sprintf("note\tid=\"total\"\tbody=\"\"\tsize=%d\tcomment=null\n", rounds))
}

func deletingNothing(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), makeNote.Row("a"), notes.DeleteRow("b"), marks.DeleteRow(7, "nobody"))
	must(t, s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{notes.DeleteRow("c"), makeNote.Row("d"), notes.DeleteRow("d")}))
	equal(t, dump(t, s), "note\tid=\"a\"\tbody=\"\"\tsize=0\tcomment=null\n")
}

func deleteForgets(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), setNote.Row("a", 5, "old"), comment.Row("a", "old"), setMark.Row(1, "x", true, time.Unix(9, 0)))
	must(t, s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{
		notes.DeleteRow("a"), setSize.Row("a", 6),
		marks.DeleteRow(1, "x"), marks.Upsert("number", "owner").Row(1, "x"),
	}))
	equal(t, dump(t, s), "note\tid=\"a\"\tbody=\"\"\tsize=6\tcomment=null\nmark\tnumber=1\towner=\"x\"\tset=false\tat=0001-01-01T00:00:00Z\n")
	must(t, s.Apply(t.Context(), at(2), at(3), []readmodel.Operation{setBody.Row("a", "new"), makeNote.Row("a"), comment.Row("a", "x"), comment.Row("a", nil)}))
	equal(t, dump(t, s), "note\tid=\"a\"\tbody=\"new\"\tsize=6\tcomment=null\nmark\tnumber=1\towner=\"x\"\tset=false\tat=0001-01-01T00:00:00Z\n")
}

func statementIsBarrier(t *testing.T, engine Engine) {
	double := readmodel.Statement("update note set size = size * 2")
	_, s := filled(t, start(t, engine),
		setSize.Row("a", 1), double, setSize.Row("b", 1), double, makeNote.Row("c"), double,
		notes.DeleteRow("c"), readmodel.Statement("insert into note (id, body, size) values ($2, $1, $3)", "by hand", "d", 9), setBody.Row("d", "after"))
	equal(t, dump(t, s), "note\tid=\"a\"\tbody=\"\"\tsize=8\tcomment=null\n"+
		"note\tid=\"b\"\tbody=\"\"\tsize=4\tcomment=null\n"+
		"note\tid=\"d\"\tbody=\"after\"\tsize=9\tcomment=null\n")
}

func foreignTable(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine))
	other := &readmodel.Table{Name: "note", Key: 1, Columns: []readmodel.Column{{Name: "id"}}}
	if err := s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{other.DeleteRow("a")}); err == nil {
		t.Fatal("a table that is not of the model was written")
	}
}

package readmodeltest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"lobby.example/readmodel"
)

// viewIsSnapshot writes the number of the checkpoint into all rows of two tables,
// again and again, even between the queries of a view.
func viewIsSnapshot(t *testing.T, engine Engine) {
	operations := func(n int) (list []readmodel.Operation) {
		for i := range 5 {
			list = append(list, setSize.Row(fmt.Sprint(i), n), setMark.Row(i, "x", true, time.UnixMicro(int64(n))))
		}
		return list
	}
	_, s := filled(t, start(t, engine), operations(1)...)
	written := make(chan int) // a commit that a view waits for
	over := make(chan struct{})
	var writer, readers sync.WaitGroup
	writer.Go(func() {
		for n := 1; ; n++ {
			if err := s.Apply(t.Context(), at(n), at(n+1), operations(n+1)); err != nil {
				t.Error(err)
			}
			select {
			case written <- n + 1:
			case <-over:
				return
			}
		}
	})
	for range 3 {
		readers.Go(func() {
			for range 30 {
				var sizes, times [2]int64
				c, err := s.View(t.Context(), func(q readmodel.Query) error {
					if _, err := q.Row(t.Context(), "select min(size), max(size) from note", []any{&sizes[0], &sizes[1]}); err != nil {
						return err
					}
					<-written
					var first, last time.Time
					_, err := q.Row(t.Context(), "select min(at), max(at) from mark", []any{&first, &last})
					times = [2]int64{first.UnixMicro(), last.UnixMicro()}
					return err
				})
				n := int64(number(t, c))
				if err != nil || sizes != [2]int64{n, n} || times != sizes {
					t.Errorf("the view of %v shows %d and %d: %v", c, sizes, times, err)
					return
				}
			}
		})
	}
	readers.Wait()
	close(over)
	writer.Wait()
}

// gate is a value that is not ready to be written before it is opened.
type gate struct{ reached, open chan struct{} }

func (g gate) Value() (driver.Value, error) {
	close(g.reached)
	<-g.open
	return "through", nil
}

func writeDoesNotBlockView(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), setNote.Row("a", 1, "before"))
	want := dump(t, s)
	g := gate{make(chan struct{}), make(chan struct{})}
	applied := make(chan error, 1)
	go func() {
		applied <- s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{makeNote.Row("b"), readmodel.Statement("delete from note"), setBody.Row("a", g)})
	}()
	<-g.reached
	for range 20 {
		equal(t, dump(t, s), want)
	}
	close(g.open)
	must(t, <-applied)
	equal(t, dump(t, s), "note\tid=\"a\"\tbody=\"through\"\tsize=0\tcomment=null\n")
}

// viewsGiveBack runs more views than there can be connections, which end in every
// way there is.
func viewsGiveBack(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), makeNote.Row("a"), makeNote.Row("b"))
	wrong := errors.New("wrong")
	nothing := func(func(...any) error) error { return nil }
	for range 50 {
		_, err := s.View(t.Context(), func(readmodel.Query) error { return wrong })
		fails(t, err, wrong)
		_, err = s.View(t.Context(), func(q readmodel.Query) error {
			return q.Rows(t.Context(), "select id from note", func(func(...any) error) error { return wrong })
		})
		fails(t, err, wrong)
		ended, cancel := context.WithCancel(t.Context())
		_, err = s.View(ended, func(q readmodel.Query) error {
			cancel()
			return q.Rows(ended, "select id from note", nothing)
		})
		fails(t, err, context.Canceled)
		func() {
			defer func() { equal(t, recover(), any("panic")) }()
			s.View(t.Context(), func(q readmodel.Query) error {
				return q.Rows(t.Context(), "select id from note", func(func(...any) error) error { panic("panic") })
			})
		}()
	}
	var kept readmodel.Query
	_, err := s.View(context.Background(), func(q readmodel.Query) error { kept = q; return nil })
	must(t, err)
	if err := kept.Rows(t.Context(), "select id from note", nothing); err == nil {
		t.Fatal("a query was run after its view")
	}
	equal(t, dump(t, s), "note\tid=\"a\"\tbody=\"\"\tsize=0\tcomment=null\nnote\tid=\"b\"\tbody=\"\"\tsize=0\tcomment=null\n")
}

// contextEndsQuery runs a query that would take hours before its first row.
func contextEndsQuery(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine))
	const long = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 100000000000) select count(*) from n"
	for name, contexts := range map[string]func(short context.Context) (view, query context.Context){
		"the view's":  func(short context.Context) (context.Context, context.Context) { return short, short },
		"the query's": func(short context.Context) (context.Context, context.Context) { return context.Background(), short },
	} {
		for range 3 {
			short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
			view, query := contexts(short)
			_, err := s.View(view, func(q readmodel.Query) error {
				var count int64
				_, err := q.Row(query, long, []any{&count})
				return err
			})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("%s context ended: error is %v", name, err)
			}
			equal(t, dump(t, s), "")
		}
	}
}

func closingWaits(t *testing.T, engine Engine) {
	e := start(t, engine)
	_, s := filled(t, e, makeNote.Row("a"))
	inside, goOn := make(chan struct{}, 2), make(chan struct{})
	read := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := s.View(t.Context(), func(q readmodel.Query) error {
				inside <- struct{}{}
				<-goOn
				list, err := texts(t.Context(), q, "select id from note")
				if err == nil && len(list) != 1 {
					err = fmt.Errorf("read %q", list)
				}
				return err
			})
			read <- err
		}()
	}
	<-inside
	<-inside
	closed := make(chan error, 2)
	go func() { closed <- s.Close() }()
	go func() { closed <- e.Close() }()
	for err := error(nil); !errors.Is(err, readmodel.ErrClosed); {
		_, err = s.Checkpoint(t.Context())
	}
	select {
	case err := <-closed:
		t.Fatalf("closed with readers inside: %v", err)
	default:
	}
	close(goOn)
	must(t, <-read)
	must(t, <-read)
	must(t, <-closed)
	must(t, <-closed)
}

func closedIsClosed(t *testing.T, engine Engine) {
	e := start(t, engine)
	b, s := filled(t, e)
	must(t, s.Close())
	must(t, s.Close())
	check := func(s readmodel.Store) {
		t.Helper()
		_, err := s.Checkpoint(t.Context())
		fails(t, err, readmodel.ErrClosed)
		_, err = s.View(t.Context(), func(readmodel.Query) error { return nil })
		fails(t, err, readmodel.ErrClosed)
		fails(t, s.Apply(t.Context(), at(1), at(2), nil), readmodel.ErrClosed)
		fails(t, s.Finish(t.Context()), readmodel.ErrClosed)
	}
	check(s)
	s, err := e.Open(t.Context(), model, b)
	must(t, err)
	must(t, e.Close())
	check(s)
	_, err = e.Open(t.Context(), model, b)
	fails(t, err, readmodel.ErrClosed)
	_, _, err = e.Create(t.Context(), model)
	fails(t, err, readmodel.ErrClosed)
	_, err = e.Builds(t.Context(), model.Name)
	fails(t, err, readmodel.ErrClosed)
	_, err = e.Serving(t.Context(), model.Name)
	fails(t, err, readmodel.ErrClosed)
	fails(t, e.Serve(t.Context(), model.Name, b), readmodel.ErrClosed)
	fails(t, e.Drop(t.Context(), model.Name, b), readmodel.ErrClosed)
}

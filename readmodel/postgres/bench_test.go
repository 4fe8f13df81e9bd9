package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// A row of about 150 bytes, as the messenger model has many.
var message = &readmodel.Table{
	Name: "message", Key: 2,
	Columns: []readmodel.Column{
		{Name: "channel"}, {Name: "entry"}, {Name: "author"}, {Name: "at", Type: readmodel.Time}, {Name: "body", Doc: "what was written"},
	},
	Indexes: []readmodel.Index{{Columns: []string{"channel", "at"}}},
}

var (
	benchModel = readmodel.Model{Name: "bench", Version: 1, Tables: []*readmodel.Table{message}}
	insert     = message.Upsert("channel", "entry", "author", "at", "body")
)

const body = "Good morning, the heating in flat"

type source struct {
	channels []string
	authors  []string
	n        int
}

func newSource() *source {
	s := &source{}
	for range 5000 {
		s.channels = append(s.channels, "connection-"+uuid.NewString())
		s.authors = append(s.authors, uuid.NewString())
	}
	return s
}

func (s *source) operations(n int) []readmodel.Operation {
	ops := make([]readmodel.Operation, n)
	for i := range ops {
		s.n++
		ops[i] = insert.Row(s.channels[s.n*7919%len(s.channels)], uuid.NewString(), s.authors[s.n%len(s.authors)], time.UnixMicro(int64(s.n)*1_000_003), body)
	}
	return ops
}

func fill(tb testing.TB, s readmodel.Store, from *source, rows, batch int) {
	at, err := s.Checkpoint(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	for done := 0; done < rows; done += batch {
		at = applyAll(tb, s, at, from.operations(batch))
	}
}

func applyAll(tb testing.TB, s readmodel.Store, at readmodel.Checkpoint, ops []readmodel.Operation) readmodel.Checkpoint {
	n, _ := strconv.Atoi(at.Position)
	to := readmodel.Checkpoint{Position: strconv.Itoa(n + 1), Event: uuid.NewString()}
	if err := s.Apply(context.Background(), at, to, ops); err != nil {
		tb.Fatal(err)
	}
	return to
}

func openBench(tb testing.TB) readmodel.Store {
	_, s, err := process(tb, pgtest.Place(tb)).Create(tb.Context(), benchModel)
	must(tb, err)
	return s
}

// BenchmarkApply writes rows of about 150 bytes; ns/op is for one row.
func BenchmarkApply(b *testing.B) {
	for _, state := range []string{"filling", "live"} {
		for _, batch := range []int{1, 50, 1000, 10000} {
			b.Run(fmt.Sprintf("%s/batch=%d", state, batch), func(b *testing.B) {
				s := openBench(b)
				from := newSource()
				if state == "live" {
					fill(b, s, from, 20_000, 10_000)
					if err := s.Finish(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
				at, err := s.Checkpoint(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				ops := from.operations(b.N)
				b.ReportAllocs()
				b.ResetTimer()
				for ops := range slices.Chunk(ops, batch) {
					at = applyAll(b, s, at, ops)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

// BenchmarkView reads from 100,000 rows.
func BenchmarkView(b *testing.B) {
	s := openBench(b)
	from := newSource()
	fill(b, s, from, 100_000, 10_000)
	if err := s.Finish(context.Background()); err != nil {
		b.Fatal(err)
	}
	var entries []string
	_, err := s.View(context.Background(), func(q readmodel.Query) error {
		return q.Rows(context.Background(), "select entry from message order by channel, entry", func(scan func(...any) error) error {
			var e string
			err := scan(&e)
			entries = append(entries, e)
			return err
		})
	})
	if err != nil {
		b.Fatal(err)
	}
	channels := make([]string, len(from.channels))
	copy(channels, from.channels)
	cancellable, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, ctx := range map[string]context.Context{"background": context.Background(), "cancellable": cancellable} {
		b.Run("empty/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.View(ctx, func(readmodel.Query) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("point/"+name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n++
				if _, err := s.View(ctx, func(q readmodel.Query) error {
					var author, body string
					_, err := q.Row(ctx, "select author, body from message where channel = $1 and entry = $2", []any{&author, &body}, channels[n%5000], entries[n%5000])
					return err
				}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("page of 50/"+name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n++
				if _, err := s.View(ctx, func(q readmodel.Query) error {
					var entry, author, body string
					var at time.Time
					return q.Rows(ctx, "select entry, author, at, body from message where channel >= $1 order by channel, at limit 50", func(scan func(...any) error) error {
						return scan(&entry, &author, &at, &body)
					}, channels[n%5000])
				}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("point/parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			n := 0
			for pb.Next() {
				n++
				if _, err := s.View(cancellable, func(q readmodel.Query) error {
					var author, body string
					_, err := q.Row(cancellable, "select author, body from message where channel = $1 and entry = $2", []any{&author, &body}, channels[n%5000], entries[n%5000])
					return err
				}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

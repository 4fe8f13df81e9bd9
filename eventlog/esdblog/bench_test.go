package esdblog

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// BenchmarkAppend appends single events to as many streams as there are clients, with
// the server in the same process.
func BenchmarkAppend(b *testing.B) {
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprint("clients=", clients), func(b *testing.B) {
			l := open(b, esdbtest.Start(b).URL, Options{})
			var left atomic.Int64
			left.Store(int64(b.N))
			var work sync.WaitGroup
			b.ResetTimer()
			for c := range clients {
				work.Go(func() {
					for at := eventlog.NoStream; left.Add(-1) >= 0; at++ {
						if _, err := l.Append(b.Context(), fmt.Sprint("post-", c), at, events(1)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			work.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
		})
	}
}

// BenchmarkCatchUp follows a log from its start to its head.
func BenchmarkCatchUp(b *testing.B) {
	const count = 200_000
	s := esdbtest.Start(b)
	for i := range count / 1000 {
		write(b, s.Log, fmt.Sprint("post-", i), eventlog.NoStream, events(1000)...)
	}
	l := open(b, s.URL, Options{Categories: []string{"post", "connection"}})
	b.ResetTimer()
	for range b.N {
		got, batches := 0, 0
		for batch, err := range l.Follow(b.Context(), eventlog.Position{}) {
			if err != nil {
				b.Fatal(err)
			}
			batches++
			if got += len(batch.Events); got == count {
				break
			}
		}
		b.ReportMetric(float64(count)/float64(batches), "events/batch")
	}
	b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkHead asks for the head of a log that nobody writes to.
func BenchmarkHead(b *testing.B) {
	l := open(b, esdbtest.Start(b).URL, Options{})
	write(b, l, "post-1", eventlog.NoStream, events(100)...)
	for b.Loop() {
		if _, err := l.Head(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

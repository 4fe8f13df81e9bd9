package sqlitelog

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

var body = bytes.Repeat([]byte("0123456789"), 22) // with the metadata, about 300 bytes
var metadata = bytes.Repeat([]byte("0123456789"), 8)

func event() eventlog.Event {
	return eventlog.Event{ID: uuid.New(), Kind: "message_sent", Data: body, Metadata: metadata}
}

func open(tb testing.TB, path string, options Options) *Log {
	tb.Helper()
	l, err := Open(path, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return l
}

type latencies struct {
	mu  sync.Mutex
	all []time.Duration
}

func (l *latencies) observe(d time.Duration) {
	l.mu.Lock()
	l.all = append(l.all, d)
	l.mu.Unlock()
}

func (l *latencies) report(b *testing.B) {
	slices.Sort(l.all)
	b.ReportMetric(float64(l.all[len(l.all)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(l.all[len(l.all)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(l.all[len(l.all)-1].Microseconds()), "max-µs")
}

// BenchmarkAppend measures durable appends of one event: one writer, 64 each
// with its own stream, and 64 that spread over 20,000 streams.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct{ writers, streams int }{{1, 1}, {64, 64}, {64, 20_000}} {
		b.Run(fmt.Sprintf("writers=%d/streams=%d", c.writers, c.streams), func(b *testing.B) {
			l := open(b, filepath.Join(b.TempDir(), "log"), Options{})
			own := c.streams / c.writers
			next := make([]eventlog.Revision, c.writers*own)
			names := make([]string, len(next))
			for i := range next {
				next[i], names[i] = eventlog.NoStream, "connection-"+uuid.NewString()
			}
			var took latencies
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ReportAllocs()
			b.ResetTimer()
			var writers sync.WaitGroup
			for w := range c.writers {
				writers.Go(func() {
					for left.Add(-1) >= 0 {
						s := w*own + rand.IntN(own)
						start := time.Now()
						a, err := l.Append(context.Background(), names[s], next[s], []eventlog.Event{event()})
						if err != nil {
							b.Error(err)
							return
						}
						took.observe(time.Since(start))
						next[s] = a.Revision
					}
				})
			}
			writers.Wait()
			b.StopTimer()
			took.report(b)
			s := l.Stats()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(s.Events)/float64(s.Commits), "events/commit")
		})
	}
}

func BenchmarkTail(b *testing.B) {
	l := open(b, filepath.Join(b.TempDir(), "log"), Options{})
	if _, err := l.Append(context.Background(), "post-1", eventlog.NoStream, []eventlog.Event{event()}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for range l.ReadStream(context.Background(), "post-1", 1, eventlog.Forward, 0) {
			b.Fatal("an event beyond the end")
		}
	}
}

// fill writes n events to 1,000 streams per 100,000.
func fill(tb testing.TB, l *Log, n int) {
	tb.Helper()
	var writers sync.WaitGroup
	const each = 1000
	for w := range 16 {
		writers.Go(func() {
			for i := w; i*each < n; i += 16 {
				for range each / 100 {
					events := make([]eventlog.Event, 100)
					for i := range events {
						events[i] = event()
					}
					if _, err := l.Append(context.Background(), "connection-"+uuid.NewString(), eventlog.NoStream, events); err != nil {
						tb.Error(err)
						return
					}
				}
			}
		})
	}
	writers.Wait()
}

// BenchmarkCatchUp reads a log of a million events through Follow; b.N counts events.
func BenchmarkCatchUp(b *testing.B) {
	path := filepath.Join(b.TempDir(), "log")
	l := open(b, path, Options{})
	const stored = 1_000_000
	fill(b, l, stored)
	l.Close()
	start := time.Now()
	l = open(b, path, Options{})
	b.ReportMetric(float64(time.Since(start).Microseconds()), "open-µs")
	b.ReportAllocs()
	b.ResetTimer()
	for read := 0; read < b.N; {
		for batch, err := range l.Follow(b.Context(), eventlog.Position{}) {
			if err != nil {
				b.Fatal(err)
			}
			if read += len(batch.Events); read >= b.N || batch.CaughtUp {
				break
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkLive measures from the start of an append until a follower has it.
func BenchmarkLive(b *testing.B) {
	l := open(b, filepath.Join(b.TempDir(), "log"), Options{})
	seen := make(chan eventlog.Position)
	go func() {
		for batch, err := range l.Follow(b.Context(), eventlog.Position{}) {
			if err != nil {
				return
			}
			if len(batch.Events) > 0 {
				seen <- batch.Through
			}
		}
	}()
	b.ReportAllocs()
	at := eventlog.NoStream
	for b.Loop() {
		a, err := l.Append(context.Background(), "post-1", at, []eventlog.Event{event()})
		if err != nil {
			b.Fatal(err)
		}
		at = a.Revision
		if p := <-seen; p != a.Positions[0] {
			b.Fatal(p, a.Positions)
		}
	}
}

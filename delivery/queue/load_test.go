package queue

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// raced tells whether this is a build with the race detector.
func raced() bool {
	build, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// heap is what is in use after a collection, in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC() // and what finalizers let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// resident is the process's memory as Linux says, SQLite's with it.
func resident() string {
	text, _ := os.ReadFile("/proc/self/status")
	_, line, _ := strings.Cut(string(text), "VmRSS:")
	line, _, _ = strings.Cut(line, "\n")
	return strings.TrimSpace(line)
}

// fill plans items for each of many recipients, a thousand at a time.
func fill(tb testing.TB, s *Store, recipients, each int) {
	tb.Helper()
	var items []Item
	for n := range each {
		for r := range recipients {
			if items = append(items, item("email", fmt.Sprintf("email-%06d", r), n)); len(items) == 1000 {
				plan(tb, s, items...)
				items = items[:0]
			}
		}
	}
	plan(tb, s, items...)
}

// A hundred thousand items are parked, and fewer under the race detector, which
// makes SQLite, as it is written in Go here, twenty times as slow.
func TestParkedItemsTakeNoMemory(t *testing.T) {
	recipients, each := 10_000, 10
	if raced() {
		recipients = 200
	}
	items := recipients * each
	s := owner(t, place(t))
	messages, _ := subscribe(t, s, "email", SubscriberOptions{MaxAttempts: 1})
	deliver := func(name string, n int) {
		t.Helper()
		plan(t, s, item("email", name, n))
		expect(t, <-messages, item("email", name, n), 1).Ack()
	}
	for n := range 100 {
		deliver("email-first", n)
	}
	before, beforeAll := heap(), resident()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range recipients {
			msg := <-messages
			msg.Nack()
		}
	}()
	fill(t, s, recipients, each)
	<-done
	counts := func() Count {
		all, err := s.Counts(context.Background())
		must(t, err)
		return all["email"]
	}
	for n := 0; counts().ParkedItems < items; n++ { // each delivery comes after what was answered before
		deliver("email-then", n)
	}
	if c := counts(); c.ParkedRecipients != recipients || c.ParkedItems != items {
		t.Errorf("the counts are %+v", c)
	}
	start := time.Now()
	for range 100 {
		counts()
	}
	asked := time.Since(start) / 100
	after := heap()
	t.Logf("heap %d KiB before, %d KiB after; resident %s before, %s after; counts in %s", before>>10, after>>10, beforeAll, resident(), asked)
	if grown := after - before; grown > 2<<20 {
		t.Errorf("%d parked items take %d bytes", items, grown)
	}
	start = time.Now()
	n, err := s.RetryAll(context.Background(), "")
	if n < recipients-64 || err != nil { // some are being delivered again meanwhile
		t.Errorf("%d were retried, %v", n, err)
	}
	t.Logf("%d were retried in %s", n, time.Since(start))
}

// BenchmarkTakeAndAck delivers to 64 recipients beside each other, each of whom
// has many items waiting; with so many others parked.
func BenchmarkTakeAndAck(b *testing.B) {
	for _, parked := range []int{0, 10_000} {
		b.Run(fmt.Sprintf("parked=%d", parked*10), func(b *testing.B) {
			s := owner(b, place(b))
			fill(b, s, parked, 10)
			must(b, s.change(context.Background(), func(tx *transaction) error {
				_, err := tx.exec("update recipient set parked = 1")
				return err
			}))
			var items []Item
			for n := range b.N {
				if items = append(items, item("webhook", fmt.Sprint("webhook-", n%64), n)); len(items) == 1000 || n == b.N-1 {
					plan(b, s, items...)
					items = items[:0]
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			messages, _ := subscribe(b, s, "webhook", SubscriberOptions{})
			for range b.N {
				go func(msg *message.Message) { msg.Ack() }(<-messages)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
		})
	}
}

// BenchmarkPlan plans one item at a time, as the log brings them.
func BenchmarkPlan(b *testing.B) {
	s := owner(b, place(b))
	n := 0
	for b.Loop() {
		n++
		plan(b, s, item("email", fmt.Sprint("email-", n%64), n))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "plans/s")
}

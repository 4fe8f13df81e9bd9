package esdbserver_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// many fills a log with n events of about the size of a message.
func many(b testing.TB, log eventlog.Log, n int) {
	b.Helper()
	data := []byte(fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 200)))
	metadata := []byte(fmt.Sprintf(`{"actor":%q,"$correlationId":%q}`, uuid.NewString(), uuid.NewString()))
	for at := 0; at < n; {
		events := make([]eventlog.Event, min(1000, n-at))
		for i := range events {
			events[i] = eventlog.Event{ID: uuid.New(), Kind: "message_sent", Data: data, Metadata: metadata}
		}
		write(b, log, fmt.Sprintf("connection-%d", at/1000), events...)
		at += len(events)
	}
}

// cpu is the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report says how fast it was, and what it took of a processor, client and
// server together, which also means something while others use the machine.
func report(b *testing.B, since time.Duration) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(cpu(b)-since)/float64(b.N), "cpu-ns/event")
}

// BenchmarkCatchUp follows $all from the start through the Go client, which runs
// in this process too. One operation is one event.
func BenchmarkCatchUp(b *testing.B) {
	s := esdbtest.Start(b)
	many(b, s.Log, b.N)
	client := connect(b, s.URL)
	b.ReportAllocs()
	b.ResetTimer()
	began := cpu(b)
	sub, err := client.SubscribeToAll(context.Background(), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	if err != nil {
		b.Fatal(err)
	}
	for seen := 0; seen < b.N; {
		e := sub.Recv()
		switch {
		case e.EventAppeared != nil:
			seen++
		case e.SubscriptionDropped != nil:
			b.Fatal(e.SubscriptionDropped.Error)
		}
	}
	report(b, began)
	b.StopTimer()
	if err := sub.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkReadAll reads $all from the start to its end.
func BenchmarkReadAll(b *testing.B) {
	s := esdbtest.Start(b)
	many(b, s.Log, b.N)
	client := connect(b, s.URL)
	b.ReportAllocs()
	b.ResetTimer()
	began := cpu(b)
	stream, err := client.ReadAll(context.Background(), esdb.ReadAllOptions{From: esdb.Start{}}, all)
	if n := len(drain(b, stream, err)); n != b.N {
		b.Fatalf("%d events, not %d", n, b.N)
	}
	report(b, began)
}

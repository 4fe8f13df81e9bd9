package esdbserver_test

import (
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// Clients that do not read on hold up nobody: neither writers, nor others, nor
// the server when it is to stop.
func TestASlowReaderHoldsUpNobody(t *testing.T) {
	s := esdbtest.Start(t)
	for range 10 {
		subscribe := connect(t, s.URL).SubscribeToAll
		sub, err := subscribe(within(t), esdb.SubscribeToAllOptions{From: esdb.Start{}})
		subscribed(t, sub, err).expectCaughtUp() // and reads no further
	}
	sub, err := connect(t, s.URL).SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	h := subscribed(t, sub, err)
	h.expectCaughtUp()
	large := make([]byte, 64<<10)
	for range 30 { // 20 MiB in all, more than a connection takes in unread
		events := some("post_published", 10)
		for i := range events {
			events[i].Data = large
		}
		write(t, s.Log, "post-1", events...)
		h.expect(of("post-1", last(t, s.Log, 10))...)
	}
	s.Stop(t)
}

func last(t testing.TB, log eventlog.Log, n int) []eventlog.Recorded {
	t.Helper()
	events := make([]eventlog.Recorded, 0, n)
	for e, err := range log.ReadAll(within(t), eventlog.Position{}, eventlog.Backward, n) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return backward(events)
}

// Every event comes once and in order to each of many who follow while many write.
func TestManyFollowWhileManyWrite(t *testing.T) {
	s := esdbtest.Start(t)
	const writers, each = 4, 60
	var writing sync.WaitGroup
	for w := range writers {
		client := connect(t, s.URL)
		writing.Go(func() {
			for i := range each {
				stream := []string{"post-1", "post-2"}[i%2]
				if _, err := client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, proposed(some("post_published", 1+w)...)...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var following sync.WaitGroup
	total := each * (1 + 2 + 3 + 4)
	for range 3 {
		client := connect(t, s.URL)
		following.Go(func() {
			sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.Start{}})
			if err != nil {
				t.Error(err)
				return
			}
			follow(t, sub, total, func(e *esdb.RecordedEvent) uint64 { return e.Position.Commit - 1 })
		})
		following.Go(func() {
			sub, err := client.SubscribeToStream(within(t), "post-2", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
			if err != nil {
				t.Error(err)
				return
			}
			follow(t, sub, total/2, func(e *esdb.RecordedEvent) uint64 { return e.EventNumber })
		})
	}
	writing.Wait()
	following.Wait()
}

func follow(t testing.TB, sub *esdb.Subscription, n int, place func(*esdb.RecordedEvent) uint64) {
	for want := uint64(0); want < uint64(n); {
		e := sub.Recv()
		if e.SubscriptionDropped != nil {
			t.Error(e.SubscriptionDropped.Error)
			return
		}
		if e.EventAppeared == nil {
			continue
		}
		if got := place(e.EventAppeared.Event); got != want {
			t.Errorf("place %d came after %d events", got, want)
			return
		}
		want++
	}
	if err := sub.Close(); err != nil {
		t.Error(err)
	}
}

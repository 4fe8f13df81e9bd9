package esdbserver_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/esdbserver/esdbtest"
	"lobby.example/eventlog/sqlitelog"
)

func TestStoppingDropsSubscriptionsAndStartingServesAgain(t *testing.T) {
	s, want := sample(t)
	client := connect(t, s.URL)
	sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	everything := subscribed(t, sub, err)
	sub, err = client.SubscribeToStream(within(t), "post-1", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	stream := subscribed(t, sub, err)
	everything.expect(want...)
	everything.expectCaughtUp()
	stream.expect(of("post-1", want)...)
	stream.expectCaughtUp()

	url := s.URL
	s.Stop(t)
	for _, h := range []*heard{everything, stream} {
		if e := h.sub.Recv(); e.SubscriptionDropped == nil || status.Code(e.SubscriptionDropped.Error) != codes.Unavailable {
			t.Errorf("it hears %v", said(e))
		}
	}
	s.Start(t)
	if s.URL != url {
		t.Errorf("it is at %s now, not at %s", s.URL, url)
	}
	again, err := connect(t, url).ReadAll(within(t), esdb.ReadAllOptions{}, all)
	same(t, drain(t, again, err), want)
}

func TestALogThatIsClosedIsUnavailable(t *testing.T) {
	log, err := sqlitelog.Open(filepath.Join(t.TempDir(), "events.db"), sqlitelog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := esdbtest.Serve(t, log, esdbserver.Options{MayRead: esdbserver.Anyone})
	client := connect(t, s.URL)
	write(t, log, "post-1", some("post_published", 1)...)
	sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.End{}})
	everything := subscribed(t, sub, err)
	sub, err = client.SubscribeToStream(within(t), "post-1", esdb.SubscribeToStreamOptions{From: esdb.End{}})
	stream := subscribed(t, sub, err)
	everything.expectCaughtUp()
	stream.expectCaughtUp()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	for _, h := range []*heard{everything, stream} {
		if e := h.sub.Recv(); e.SubscriptionDropped == nil || status.Code(e.SubscriptionDropped.Error) != codes.Unavailable {
			t.Errorf("it hears %v", said(e))
		}
	}
	read, err := client.ReadAll(within(t), esdb.ReadAllOptions{}, all)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read.Recv(); !hasCode(err, esdb.ErrorUnavailable) {
		t.Errorf("reading says %v", err)
	}
}

// lines takes what a logger writes.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// broken is a log whose reads fail as a disk does.
type broken struct{ eventlog.Log }

func (broken) Head(context.Context) (eventlog.Position, error) {
	return eventlog.Position{}, errors.New("disk I/O error in /var/lib/lobby")
}

func TestTheCauseOfAFailureStaysHere(t *testing.T) {
	var told lines
	s := esdbtest.Serve(t, broken{esdbtest.Start(t).Log}, esdbserver.Options{
		MayRead: esdbserver.Anyone, Logger: slog.New(slog.NewTextHandler(&told, nil)),
	})
	read, err := connect(t, s.URL).ReadAll(within(t), esdb.ReadAllOptions{}, all)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read.Recv(); grpcCode(err) != "Unknown" || strings.Contains(err.Error(), "disk") {
		t.Errorf("reading says %v", err)
	}
	if !strings.Contains(told.String(), "disk I/O error in /var/lib/lobby") {
		t.Errorf("the log says %q", told.String())
	}
}

func TestReadsAreBounded(t *testing.T) {
	s := serve(t, esdbserver.Options{MayRead: esdbserver.Anyone, MaxReads: 2})
	client := connect(t, s.URL)
	for range 2 {
		sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.Start{}})
		subscribed(t, sub, err).expectCaughtUp()
	}
	read, err := client.ReadAll(within(t), esdb.ReadAllOptions{}, all)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read.Recv(); grpcCode(err) != "ResourceExhausted" {
		t.Errorf("one too many says %v", err)
	}
}

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

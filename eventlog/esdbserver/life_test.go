package esdbserver_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
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

// counted is a log that knows how many follow it.
type counted struct {
	eventlog.Log
	following atomic.Int32
}

func (c *counted) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		c.following.Add(1)
		defer c.following.Add(-1)
		c.Log.Follow(ctx, after)(yield)
	}
}

func TestSubscriptionsToStreamsShareOneFollowerThatEndsWithThem(t *testing.T) {
	log := &counted{Log: esdbtest.Start(t).Log}
	s := esdbtest.Serve(t, log, esdbserver.Options{MayRead: esdbserver.Anyone})
	client := connect(t, s.URL)
	for range 2 {
		var all []*heard
		for range 5 {
			sub, err := client.SubscribeToStream(within(t), "post-1", esdb.SubscribeToStreamOptions{From: esdb.End{}})
			all = append(all, subscribed(t, sub, err))
			all[len(all)-1].expectCaughtUp()
		}
		write(t, log, "post-1", some("post_published", 1)...)
		for _, h := range all {
			h.expect(last(t, log, 1)...)
		}
		if n := log.following.Load(); n != 1 {
			t.Errorf("%d follow the log for five subscriptions", n)
		}
		s.Stop(t)
		if n := log.following.Load(); n != 0 {
			t.Errorf("%d follow the log for nobody", n)
		}
		s.Start(t)
		client = connect(t, s.URL)
	}
}

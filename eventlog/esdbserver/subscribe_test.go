package esdbserver_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog/esdbserver/esdbtest"
)

func TestASubscriptionToEverythingCatchesUpAndGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		from esdb.AllPosition
		seen int // events that come before it is caught up, of the 60
	}{
		"from the start":    {esdb.Start{}, 60},
		"from a position":   {esdb.Position{Commit: 13, Prepare: 13}, 47},
		"from the last":     {esdb.Position{Commit: 60, Prepare: 60}, 0},
		"from the end":      {esdb.End{}, 0},
		"without any place": {nil, 0}, // the client means the end
	} {
		t.Run(name, func(t *testing.T) {
			s, want := sample(t)
			sub, err := connect(t, s.URL).SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: c.from})
			h := subscribed(t, sub, err)
			h.expect(want[len(want)-c.seen:]...)
			h.expectCaughtUp()
			for range 3 {
				write(t, s.Log, "post-9", some("post_published", 2)...)
				h.expect(logged(t, s.Log)[len(want):]...)
				want = logged(t, s.Log)
			}
		})
	}
}

func TestASubscriptionToAStreamCatchesUpAndGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		from   esdb.StreamPosition
		seen   int // events that come before it is caught up
	}{
		"from the start":      {"post-1", esdb.Start{}, 30},
		"from a revision":     {"post-1", esdb.Revision(12), 17},
		"from the end":        {"post-1", esdb.End{}, 0},
		"before there is one": {"post-2", esdb.Start{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, everything := sample(t)
			want := of(c.stream, everything)
			sub, err := connect(t, s.URL).SubscribeToStream(within(t), c.stream, esdb.SubscribeToStreamOptions{From: c.from})
			h := subscribed(t, sub, err)
			h.expect(want[len(want)-c.seen:]...)
			h.expectCaughtUp()
			for range 3 {
				write(t, s.Log, "post-9", some("post_published", 2)...)
				write(t, s.Log, c.stream, some("post_published", 2)...)
				h.expect(of(c.stream, logged(t, s.Log))[len(want):]...)
				want = of(c.stream, logged(t, s.Log))
			}
		})
	}
}

// A place that is not reached yet is taken at its word, as a real server does
// it: the client hears nothing until the log is beyond it. A client that wants
// to know must compare with the head first (E08).
func TestE08APlaceBeyondTheHeadSkipsUpToIt(t *testing.T) {
	s, _ := sample(t)
	client := connect(t, s.URL)
	sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.Position{Commit: 63, Prepare: 63}})
	everything := subscribed(t, sub, err)
	sub, err = client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{
		From: esdb.Position{Commit: 63, Prepare: 63}, Filter: esdb.ExcludeSystemEventsFilter(), MaxSearchWindow: 2,
	})
	filtered := subscribed(t, sub, err)
	sub, err = client.SubscribeToStream(within(t), "post-1", esdb.SubscribeToStreamOptions{From: esdb.Revision(32)})
	stream := subscribed(t, sub, err)
	everything.expectCaughtUp()
	filtered.expectCaughtUp() // and no checkpoint before the place that it gave
	stream.expectCaughtUp()
	for range 5 {
		write(t, s.Log, "post-1", some("post_edited", 1)...)
	}
	now := logged(t, s.Log)
	everything.expect(now[63:]...)
	filtered.expect(now[63:]...)
	filtered.expectCheckpoint(now[64])
	stream.expect(of("post-1", now)[33:]...)
}

func TestAnEmptyLogIsFollowedFromItsFirstEvent(t *testing.T) {
	s := esdbtest.Start(t)
	client := connect(t, s.URL)
	for _, from := range []esdb.AllPosition{esdb.Start{}, esdb.End{}} {
		sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: from})
		h := subscribed(t, sub, err)
		if before := logged(t, s.Log); from == esdb.AllPosition(esdb.Start{}) {
			h.expect(before...)
		}
		h.expectCaughtUp()
		write(t, s.Log, "post-1", some("post_published", 1)...)
		now := logged(t, s.Log)
		h.expect(now[len(now)-1])
	}
}

// What is committed at once and is more than a page is not kept for anybody:
// the client is told that it fell behind, gets it page by page, and is told when
// it is level again.
func TestASubscriptionThatFellBehindIsToldSoAndCatchesUp(t *testing.T) {
	s := esdbtest.Start(t)
	client := connect(t, s.URL)
	sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	everything := subscribed(t, sub, err)
	sub, err = client.SubscribeToStream(within(t), "post-1", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	stream := subscribed(t, sub, err)
	everything.expectCaughtUp()
	stream.expectCaughtUp()
	for range 2 {
		before := len(logged(t, s.Log))
		write(t, s.Log, "post-1", some("post_published", 600)...)
		want := logged(t, s.Log)[before:]

		everything.expectFellBehind()
		everything.expect(want...)
		everything.expectCaughtUp()

		stream.expect(want[:256]...)
		stream.expectFellBehind()
		stream.expect(want[256:]...)
		stream.expectCaughtUp()
	}
	write(t, s.Log, "post-1", some("post_published", 1)...)
	want := logged(t, s.Log)[1200:]
	everything.expect(want...)
	stream.expect(want...)
}

// Where most of a long log is not of the categories that it was opened for, a
// subscription gets through it, and is told how far it got.
func TestWhatTheLogDoesNotShowIsPassedOver(t *testing.T) {
	s := esdbtest.StartAt(t, t.TempDir(), "post")
	for range 3 {
		write(t, s.Log, "foreign-1", some("whatever", 4096)...)
	}
	write(t, s.Log, "post-1", some("post_published", 1)...)
	write(t, s.Log, "foreign-1", some("whatever", 4096)...)
	client := connect(t, s.URL)
	for _, from := range []esdb.AllPosition{esdb.Start{}, esdb.Position{Commit: 1, Prepare: 1}} {
		sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: from, Filter: esdb.ExcludeSystemEventsFilter()})
		h := subscribed(t, sub, err)
		h.expect(logged(t, s.Log)...)
		if e := h.sub.Recv(); e.CheckPointReached == nil || e.CheckPointReached.Commit != 4*4096+1 {
			t.Fatalf("after the event came %v", said(e))
		}
		h.expectCaughtUp()
	}
}

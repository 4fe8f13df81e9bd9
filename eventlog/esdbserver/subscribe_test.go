package esdbserver_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// heard is what a subscription was told, in order.
type heard struct {
	t      testing.TB
	sub    *esdb.Subscription
	events int
}

func subscribed(t testing.TB, sub *esdb.Subscription, err error) *heard {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sub.Close(); err != nil {
			t.Error(err)
		}
	})
	return &heard{t: t, sub: sub}
}

// expect hears these events next, and nothing between them.
func (h *heard) expect(want ...eventlog.Recorded) {
	h.t.Helper()
	for _, w := range want {
		e := h.sub.Recv()
		if e.EventAppeared == nil {
			h.t.Fatalf("event %d is %+v, not %v of %s", h.events, said(e), w.Revision, w.Stream)
		}
		sameEvent(h.t, e.EventAppeared, w)
		h.events++
	}
}

func (h *heard) expectCaughtUp() {
	h.t.Helper()
	if e := h.sub.Recv(); e.CaughtUp == nil {
		h.t.Fatalf("after event %d came %s, not that it is caught up", h.events, said(e))
	}
}

func (h *heard) expectCheckpoint(at eventlog.Recorded) {
	h.t.Helper()
	if e := h.sub.Recv(); e.CheckPointReached == nil || *e.CheckPointReached != position(at) {
		h.t.Fatalf("after event %d came %s, not the checkpoint %v", h.events, said(e), position(at))
	}
}

func said(e *esdb.SubscriptionEvent) any {
	switch {
	case e.EventAppeared != nil:
		return e.EventAppeared.Event
	case e.CheckPointReached != nil:
		return *e.CheckPointReached
	case e.SubscriptionDropped != nil:
		return e.SubscriptionDropped.Error
	case e.CaughtUp != nil:
		return "caught up"
	}
	return "fell behind"
}

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
	sub, err = client.SubscribeToStream(within(t), "post-1", esdb.SubscribeToStreamOptions{From: esdb.Revision(32)})
	stream := subscribed(t, sub, err)
	everything.expectCaughtUp()
	stream.expectCaughtUp()
	for range 5 {
		write(t, s.Log, "post-1", some("post_edited", 1)...)
	}
	now := logged(t, s.Log)
	everything.expect(now[63:]...)
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

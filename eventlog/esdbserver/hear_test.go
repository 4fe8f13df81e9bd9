package esdbserver_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
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
		h.t.Fatalf("after event %d came %v, not that it is caught up", h.events, said(e))
	}
}

func (h *heard) expectFellBehind() {
	h.t.Helper()
	if e := h.sub.Recv(); e.FellBehind == nil {
		h.t.Fatalf("after event %d came %v, not that it fell behind", h.events, said(e))
	}
}

func (h *heard) expectCheckpoint(at eventlog.Recorded) {
	h.t.Helper()
	if e := h.sub.Recv(); e.CheckPointReached == nil || *e.CheckPointReached != position(at) {
		h.t.Fatalf("after event %d came %v, not the checkpoint %v", h.events, said(e), position(at))
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

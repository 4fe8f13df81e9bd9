package queue

import (
	"context"
	"runtime"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// dispatcher is one subscription: the goroutine that takes, hands out and settles.
// It keeps no more than InFlight items.
type dispatcher struct {
	store   *Store
	options SubscriberOptions
	topic   string
	closing <-chan struct{}
	woken   chan struct{}
	out     chan *message.Message
	answers chan answer   // has room for the answer to each item
	over    chan struct{} // closed when nobody takes answers any more

	ready    []*taken // taken, and not handed out yet
	inFlight map[int64]*taken
	settled  []answer // not written yet
}

func newDispatcher(s *Subscriber, topic string) *dispatcher {
	return &dispatcher{
		store: s.store, options: s.options, topic: topic, closing: s.closing,
		woken:    make(chan struct{}, 1),
		out:      make(chan *message.Message),
		answers:  make(chan answer, s.options.InFlight),
		over:     make(chan struct{}),
		inFlight: map[int64]*taken{},
	}
}

func (d *dispatcher) run(ctx context.Context) {
	defer close(d.out)
	messages, endMessages := context.WithCancel(ctx)
	defer endMessages()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var first *handed // of those that are ready
	for {
		var offer chan<- *message.Message
		var msg *message.Message
		if len(d.ready) > 0 {
			if first == nil {
				first = hand(messages, d.ready[0])
			}
			offer, msg = d.out, first.message
		}
		look := true
		select {
		case offer <- msg:
			d.inFlight[first.claim] = first.taken
			go d.await(messages, first)
			d.ready, first, look = d.ready[1:], nil, false
		case a := <-d.answers:
			d.gather(a)
		case <-d.woken:
		case <-timer.C:
		case <-ctx.Done():
			d.finish(ctx, endMessages)
			return
		case <-d.closing:
			d.finish(ctx, endMessages)
			return
		case <-d.store.closing:
			d.finish(ctx, endMessages)
			return
		}
		if look {
			timer.Reset(d.turn())
		}
	}
}

// await waits for what somebody says about a message. A Nack after the contexts of
// the messages were ended says nothing about the recipient.
func (d *dispatcher) await(messages context.Context, h *handed) {
	defer h.end()
	a := answer{taken: h.taken}
	select {
	case <-h.message.Acked():
		a.outcome = delivered
	case <-h.message.Nacked():
		a.outcome, a.reason = again, readable(h.message.Metadata.Get(reasonKey))
		if messages.Err() != nil {
			a.outcome = released
		}
	case <-d.over:
		return
	}
	d.answers <- a
}

// gather takes the answers that are there. Before it looks it lets others run
// once, so that answers which come together are written together.
func (d *dispatcher) gather(a answer) {
	d.record(a)
	runtime.Gosched()
	for {
		select {
		case a := <-d.answers:
			d.record(a)
		default:
			return
		}
	}
}

func (d *dispatcher) record(a answer) {
	delete(d.inFlight, a.claim)
	if a.outcome == again {
		a.due = d.options.Now().Add(d.options.Backoff(a.attempt))
	}
	d.settled = append(d.settled, a)
}

// turn writes the answers, takes what there is room for, and says how long to wait
// when nothing happens. After a failure the answers are kept for the next turn.
func (d *dispatcher) turn() time.Duration {
	room := d.options.InFlight - len(d.ready) - len(d.inFlight)
	if room == 0 && len(d.settled) == 0 {
		return d.options.Poll
	}
	now := d.options.Now()
	taken, next, err := d.store.turn(d.settled, d.topic, room, d.options.MaxAttempts, now)
	if err != nil {
		d.options.Logger.Error("delivery: the queue cannot be written, which is tried again", "topic", d.topic, "error", err)
		return d.options.Poll
	}
	d.settled = d.settled[:0]
	d.ready = append(d.ready, taken...)
	if next.IsZero() {
		return d.options.Poll
	}
	return min(max(next.Sub(now), 0), d.options.Poll)
}

// finish gives back what was not handed out, waits for answers to the rest, first
// of work that may end well and then of work that was broken off, and frees what
// is left.
func (d *dispatcher) finish(ctx context.Context, endMessages context.CancelFunc) {
	for _, t := range d.ready {
		d.settled = append(d.settled, answer{taken: t, outcome: returned})
	}
	d.ready = nil
	d.write()
	d.drain(ctx.Done())
	endMessages()
	d.drain(nil)
	close(d.over)
	for _, t := range d.inFlight {
		d.settled = append(d.settled, answer{taken: t, outcome: released})
	}
	d.write()
}

// drain writes the answers that come, until there are all, or it is time, or given up.
func (d *dispatcher) drain(givenUp <-chan struct{}) {
	timer := time.NewTimer(d.options.CloseTimeout)
	defer timer.Stop()
	for len(d.inFlight) > 0 {
		select {
		case a := <-d.answers:
			d.gather(a)
			d.write()
		case <-timer.C:
			return
		case <-givenUp:
			return
		}
	}
}

func (d *dispatcher) write() {
	if len(d.settled) == 0 {
		return
	}
	if _, _, err := d.store.turn(d.settled, d.topic, 0, d.options.MaxAttempts, d.options.Now()); err != nil {
		d.options.Logger.Error("delivery: what became of items could not be written", "topic", d.topic, "error", err)
		return
	}
	d.settled = d.settled[:0]
}

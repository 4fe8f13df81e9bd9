package queue

import (
	"context"
	"time"
)

// finish gives back what was not handed out, waits for answers to the rest, first
// of work that is left undisturbed and then of work that was broken off, and gives
// back what is left.
func (d *dispatcher) finish(endMessages context.CancelFunc) {
	for _, t := range d.ready {
		d.settled = append(d.settled, answer{taken: t, outcome: returned})
	}
	d.ready = nil
	d.write()
	d.drain()
	endMessages()
	d.drain()
	close(d.over)
	for _, t := range d.inFlight {
		d.settled = append(d.settled, answer{taken: t, outcome: returned})
	}
	d.write()
}

// drain writes the answers that come, until there are all, or it is time.
func (d *dispatcher) drain() {
	timer := time.NewTimer(d.options.CloseTimeout)
	defer timer.Stop()
	for len(d.inFlight) > 0 {
		select {
		case a := <-d.answers:
			d.gather(a)
			d.write()
		case <-timer.C:
			return
		}
	}
}

func (d *dispatcher) write() {
	if len(d.settled) == 0 {
		return
	}
	if _, err := d.store.turn(d.settled, d.topic, room{}, d.options.MaxAttempts, d.options.Now()); err != nil {
		d.options.Logger.Error("delivery: what became of items could not be written", "topic", d.topic, "error", err)
		return
	}
	d.settled = d.settled[:0]
}

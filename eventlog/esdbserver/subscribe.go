package esdbserver

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"lobby.example/eventlog"
)

// subscribeToAll follows the log from after the place. As on a real server, a
// place beyond the head is taken at its word: what comes up to it is skipped.
func (r *reading) subscribeToAll(o *streams.ReadReq_Options_AllOptions) error {
	from, err := newPlace(o)
	if err != nil {
		return err
	}
	if r.filter != nil && r.filter.interval == 0 {
		return invalid("Search window and checkpoint interval must be greater than 0.")
	}
	head, err := r.log.Head(r.ctx)
	if err != nil {
		return err
	}
	after, skip := from.in(head), place{}
	if from.end {
		after = head
	} else if after.Compare(head) > 0 {
		after, skip = head, from
	}
	if err := r.send(confirmationFrame()); err != nil {
		return err
	}
	f := following{reading: r, skip: skip, after: after}
	for {
		if err := f.catchUp(); err != nil {
			return err
		}
		if err := f.followLive(); err != nil {
			return err
		}
	}
}

// page is how many events a subscription takes from the log at once: all that is
// kept for a client that does not read on.
const page = 256

// following is a subscription to $all under way.
type following struct {
	*reading
	skip       place
	after      eventlog.Position // what was dealt with
	live       bool
	considered uint64            // events since the last checkpoint
	checkpoint eventlog.Position // the last one sent
}

// catchUp reads on, a page at a time, until there is less than a page.
func (f *following) catchUp() error {
	for n := page; n == page; {
		n = 0
		for e, err := range f.log.ReadAll(f.ctx, f.after, eventlog.Forward, page) {
			if err == nil {
				err = f.take(&e)
			}
			if err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

// followLive goes on as events are committed. It returns nil when more than a
// page of them is waiting: that is to be caught up with, not to be kept here.
func (f *following) followLive() error {
	for batch, err := range f.log.Follow(f.ctx, f.after) {
		if err != nil {
			return err
		}
		many := len(batch.Events) > page
		if many || !batch.CaughtUp {
			if err := f.fallBehind(); err != nil || many {
				return err
			}
		}
		for i := range batch.Events {
			if err := f.take(&batch.Events[i]); err != nil {
				return err
			}
		}
		f.after = batch.Through
		if batch.CaughtUp {
			if err := f.goLive(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *following) goLive() error {
	if f.live {
		return nil
	}
	f.live = true
	if err := f.sendCheckpoint(f.after); err != nil {
		return err
	}
	return f.send(caughtUpFrame())
}

func (f *following) fallBehind() error {
	if !f.live {
		return nil
	}
	f.live = false
	return f.send(fellBehindFrame())
}

// take deals with one event. A filtered subscription hears where it is once in
// each interval, whether it got something or not, and when it is level.
func (f *following) take(e *eventlog.Recorded) error {
	f.after = e.Position
	if e.Position.Compare(f.skip.in(e.Position)) <= 0 {
		return nil
	}
	if f.filter.passes(e) {
		if err := f.sendEvent(e); err != nil {
			return err
		}
	}
	if f.filter == nil {
		return nil
	}
	if f.considered++; f.considered < f.filter.interval {
		return nil
	}
	return f.sendCheckpoint(e.Position)
}

func (f *following) sendCheckpoint(p eventlog.Position) error {
	// Below a place that the client gave, there is nothing to tell it.
	if f.filter == nil || p.Compare(f.checkpoint) <= 0 || p.Compare(f.skip.in(p)) <= 0 {
		return nil
	}
	f.considered, f.checkpoint = 0, p
	return f.send(checkpointFrame(p))
}

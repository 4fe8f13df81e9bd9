package esdbserver

import (
	"math"

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
	f := following{reading: r, skip: skip}
	for batch, err := range r.log.Follow(r.ctx, after) {
		if err != nil {
			return err
		}
		if err := f.take(batch); err != nil {
			return err
		}
	}
	return nil
}

// following is a subscription to $all under way.
type following struct {
	*reading
	skip       place
	live       bool
	considered uint64            // events since the last checkpoint
	checkpoint eventlog.Position // the last one sent
}

// take sends a batch, and says when the client is level with the log and when it
// is not any more. A filtered subscription hears where it is at least once in
// each interval, and when it is level.
func (f *following) take(batch eventlog.Batch) error {
	if f.live && !batch.CaughtUp {
		f.live = false
		if err := f.send(fellBehindFrame()); err != nil {
			return err
		}
	}
	for i := range batch.Events {
		if err := f.takeEvent(&batch.Events[i]); err != nil {
			return err
		}
	}
	if f.live || !batch.CaughtUp {
		return nil
	}
	f.live = true
	if err := f.sendCheckpoint(batch.Through); err != nil {
		return err
	}
	return f.send(caughtUpFrame())
}

func (f *following) takeEvent(e *eventlog.Recorded) error {
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

// behind is how many events at once show that a subscription to a stream does
// not keep up with it.
const behind = 1024

// subscribeToStream follows one stream from after the revision. It reads the
// stream anew after each commit to the log, which costs nothing when the stream
// has no part in it.
func (r *reading) subscribeToStream(name string, o *streams.ReadReq_Options_StreamOptions) error {
	next := eventlog.Revision(0)
	switch at := o.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Start:
	case *streams.ReadReq_Options_StreamOptions_Revision:
		if at.Revision >= math.MaxInt64 {
			return invalid("The revision is out of range.")
		}
		next = eventlog.Revision(at.Revision) + 1
	case *streams.ReadReq_Options_StreamOptions_End:
		for e, err := range r.log.ReadStream(r.ctx, name, eventlog.End, eventlog.Backward, 1) {
			if err != nil {
				return err
			}
			next = e.Revision + 1
		}
	default:
		return invalid("A subscription must say where it starts.")
	}
	watch, err := r.commits.join(r.ctx)
	if err != nil {
		return err
	}
	defer r.commits.leave(watch)
	if err := r.send(confirmationFrame()); err != nil {
		return err
	}
	for live := false; ; {
		more, err := watch.next() // before reading, so that nothing falls between
		if err != nil {
			return err
		}
		sent := 0
		for e, err := range r.log.ReadStream(r.ctx, name, next, eventlog.Forward, 0) {
			if err != nil {
				return err
			}
			if sent++; live && sent > behind {
				live = false
				if err := r.send(fellBehindFrame()); err != nil {
					return err
				}
			}
			if err := r.sendEvent(&e); err != nil {
				return err
			}
			next = e.Revision + 1
		}
		if !live {
			live = true
			if err := r.send(caughtUpFrame()); err != nil {
				return err
			}
		}
		select {
		case <-more:
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
}

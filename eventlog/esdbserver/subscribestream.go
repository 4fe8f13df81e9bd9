package esdbserver

import (
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"lobby.example/eventlog"
)

// subscribeToStream follows one stream from after the revision. It reads the
// stream anew after each commit to the log, which costs nothing when the stream
// has no part in it.
func (r *reading) subscribeToStream(name string, o *streams.ReadReq_Options_StreamOptions) error {
	next, err := r.after(name, o)
	if err != nil {
		return err
	}
	watch, err := r.commits.join(r.ctx)
	if err != nil {
		return err
	}
	defer r.commits.leave(watch)
	if err := r.send(confirmationFrame()); err != nil {
		return err
	}
	for live := false; ; live = true {
		more, err := watch.next() // before reading, so that nothing falls between
		if err != nil {
			return err
		}
		if next, err = r.sendFrom(name, next, live); err != nil {
			return err
		}
		select {
		case <-more:
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
}

// after is the first revision that a subscription to a stream wants to hear of.
func (r *reading) after(name string, o *streams.ReadReq_Options_StreamOptions) (eventlog.Revision, error) {
	switch at := o.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Start:
		return 0, nil
	case *streams.ReadReq_Options_StreamOptions_Revision:
		if at.Revision >= math.MaxInt64 {
			return 0, invalid("The revision is out of range.")
		}
		return eventlog.Revision(at.Revision) + 1, nil
	case *streams.ReadReq_Options_StreamOptions_End:
		last, err := r.lastOf(name)
		return last + 1, err
	}
	return 0, invalid("A subscription must say where it starts.")
}

// sendFrom sends the stream from a revision to its end, a page at a time, and
// says when the client is level with it, if it was not before, and when it is
// not any more.
func (r *reading) sendFrom(name string, next eventlog.Revision, live bool) (eventlog.Revision, error) {
	for n := page; n == page; {
		n = 0
		for e, err := range r.log.ReadStream(r.ctx, name, next, eventlog.Forward, page) {
			if err == nil {
				err = r.sendEvent(&e)
			}
			if err != nil {
				return next, err
			}
			next = e.Revision + 1
			n++
		}
		if n == page && live {
			live = false
			if err := r.send(fellBehindFrame()); err != nil {
				return next, err
			}
		}
	}
	if live {
		return next, nil
	}
	return next, r.send(caughtUpFrame())
}

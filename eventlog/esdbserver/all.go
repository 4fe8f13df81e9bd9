package esdbserver

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"lobby.example/eventlog"
)

// place is where in $all a client wants to start: one of the two ends, or two
// halves of a position, which say nothing of the log that they are from.
type place struct {
	end             bool
	commit, prepare uint64
}

func newPlace(o *streams.ReadReq_Options_AllOptions) (place, error) {
	switch at := o.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Start:
		return place{}, nil
	case *streams.ReadReq_Options_AllOptions_End:
		return place{end: true}, nil
	case *streams.ReadReq_Options_AllOptions_Position:
		p := place{commit: at.Position.GetCommitPosition(), prepare: at.Position.GetPreparePosition()}
		if p.prepare > p.commit {
			return p, invalidPosition()
		}
		// The clients know the end as a position too.
		p.end = p.commit == 1<<64-1
		return p, nil
	}
	return place{}, invalid("A read must say where it starts.")
}

func (p place) isStart() bool { return p == place{} }

// in is the place as a position of the log with this head.
func (p place) in(head eventlog.Position) eventlog.Position {
	if p.isStart() {
		return eventlog.Position{}
	}
	return head.Identity().At(p.commit, p.prepare)
}

// readAll: forwards includes the event at the position, backwards does not, as
// positions are places between events there.
func (r *reading) readAll(o *streams.ReadReq_Options_AllOptions) error {
	from, err := newPlace(o)
	if err != nil {
		return err
	}
	head, err := r.log.Head(r.ctx)
	if err != nil {
		return err
	}
	if head.IsZero() {
		return nil
	}
	asked := bounded(r.limit)
	if r.filter != nil {
		asked = 0 // what is filtered out does not count
	}
	at := from.in(head)
	beyond := from.end || at.Compare(head) > 0
	if r.direction == eventlog.Forward {
		switch {
		case beyond:
			return nil
		case !from.isStart():
			if err := r.sendAt(at); err != nil {
				return err
			}
		}
		return r.sendAll(r.log.ReadAll(r.ctx, at, eventlog.Forward, asked))
	}
	switch {
	case from.isStart():
		return nil
	case beyond:
		return r.sendAll(r.log.ReadAll(r.ctx, eventlog.Position{}, eventlog.Backward, asked))
	}
	if asked > 0 {
		asked++ // for the one at the position
	}
	before := func(yield func(eventlog.Recorded, error) bool) {
		for e, err := range r.log.ReadAll(r.ctx, at, eventlog.Backward, asked) {
			if err == nil && e.Position == at {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
	return r.sendAll(before)
}

// sendAt sends the event at the position, if there is one.
func (r *reading) sendAt(at eventlog.Position) error {
	return r.sendAll(func(yield func(eventlog.Recorded, error) bool) {
		for e, err := range r.log.ReadAll(r.ctx, at, eventlog.Backward, 1) {
			if err != nil || e.Position == at {
				yield(e, err)
			}
		}
	})
}

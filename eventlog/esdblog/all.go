package esdblog

import (
	"context"
	"iter"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// ReadAll implements eventlog.Log. Forward, the server sends only what is seen, as
// it does to a follower, until that has caught up; backward it sends everything,
// and what is not seen is left out here. Nothing is open on the server while the
// receiver looks at an event.
func (l *Log) ReadAll(ctx context.Context, from eventlog.Position, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		end, err := read(ctx, l, "find the end", func(ctx context.Context, c *esdb.Client) (eventlog.Position, error) {
			return l.locate(ctx, c, from)
		})
		if err != nil {
			yield(eventlog.Recorded{}, err)
			return
		}
		if direction == eventlog.Backward {
			l.readBackward(ctx, from, unlimited(limit), yield)
		} else {
			l.readForward(ctx, from, end, unlimited(limit), yield)
		}
	}
}

func (l *Log) readForward(ctx context.Context, from, end eventlog.Position, left int, yield func(eventlog.Recorded, error) bool) {
	for {
		n := min(left, l.options.bounds.page)
		got, err := read(ctx, l, "read on", func(ctx context.Context, c *esdb.Client) (scan, error) {
			return l.scan(ctx, c, from, n)
		})
		if err != nil {
			yield(eventlog.Recorded{}, err)
			return
		}
		for _, e := range got.events {
			if !l.give(ctx, e, yield) {
				return
			}
		}
		left, from = left-len(got.events), got.through
		if got.caughtUp || left == 0 || from.Compare(end) >= 0 {
			return
		}
	}
}

// scan is what a subscription that was open for a moment brought.
type scan struct {
	events   []eventlog.Recorded
	through  eventlog.Position
	caughtUp bool
}

// scan takes up to n events after a position. When its time is over before there
// are as many, it answers with how far it came, if it did come further.
func (l *Log) scan(ctx context.Context, c *esdb.Client, after eventlog.Position, n int) (s scan, err error) {
	s.through = after
	sub, err := c.SubscribeToAll(ctx, l.subscribe(l.start(after)))
	if err != nil {
		return s, err
	}
	defer sub.Close()
	for bytes := 0; len(s.events) < n && bytes < pageBytes; {
		switch e := sub.Recv(); {
		case e.SubscriptionDropped != nil:
			if s.through != after {
				return s, nil
			}
			return s, e.SubscriptionDropped.Error
		case e.CaughtUp != nil:
			s.caughtUp = true
			return s, nil
		case e.CheckPointReached != nil:
			s.through = l.later(s.through, *e.CheckPointReached)
		case e.EventAppeared != nil:
			original := e.EventAppeared.OriginalEvent()
			recorded, seen, err := l.see(original)
			if err != nil {
				return s, err
			}
			if seen {
				s.events = append(s.events, recorded)
				bytes += len(recorded.Data) + len(recorded.Metadata)
			}
			s.through = l.later(s.through, original.Position)
		}
	}
	return s, nil
}

// later is the later of two places. A place at 0, of which a server may tell in an
// empty log, is none.
func (l *Log) later(p eventlog.Position, q esdb.Position) eventlog.Position {
	if q.Commit > 0 && l.at(q).Compare(p) > 0 {
		return l.at(q)
	}
	return p
}

// see is record for those events that are seen. The server has filtered them, but
// for the event that makes the log's identity.
func (l *Log) see(e *esdb.RecordedEvent) (recorded eventlog.Recorded, seen bool, err error) {
	stream, ours := l.filter.stream(e.StreamID)
	if !ours || !l.filter.sees(stream) {
		return recorded, false, nil
	}
	recorded, err = l.record(stream, e)
	return recorded, err == nil, err
}

func (l *Log) readBackward(ctx context.Context, from eventlog.Position, left int, yield func(eventlog.Recorded, error) bool) {
	var start esdb.AllPosition = esdb.End{}
	if !from.IsZero() {
		// A server reads backward from before a position, so what is at it comes first.
		start = whole(from)
		e, err := read(ctx, l, "read the event at a position", func(ctx context.Context, c *esdb.Client) (*esdb.RecordedEvent, error) {
			return l.eventAt(ctx, c, from)
		})
		var recorded eventlog.Recorded
		seen := false
		if err == nil && e != nil {
			recorded, seen, err = l.see(e)
		}
		if err != nil {
			yield(recorded, err)
			return
		}
		if seen {
			if !l.give(ctx, recorded, yield) {
				return
			}
			left--
		}
	}
	for s := l.backward(start, min(max(left, l.options.bounds.headPage), l.options.bounds.page)); left > 0 && !s.ended; {
		events, err := s.next(ctx)
		if err != nil {
			yield(eventlog.Recorded{}, err)
			return
		}
		for _, e := range events {
			if p := l.at(e.Position); !from.IsZero() && p.Compare(from) >= 0 {
				continue
			}
			recorded, seen, err := l.see(e)
			if err != nil {
				yield(eventlog.Recorded{}, err)
				return
			}
			if !seen {
				continue
			}
			if !l.give(ctx, recorded, yield) {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

// eventAt is the event at a position, if there is one.
func (l *Log) eventAt(ctx context.Context, c *esdb.Client, p eventlog.Position) (found *esdb.RecordedEvent, err error) {
	r, err := c.ReadAll(ctx, esdb.ReadAllOptions{From: whole(p)}, 1)
	if err != nil {
		return nil, err
	}
	_, err = page(r, func(e *esdb.RecordedEvent) (bool, error) {
		if l.at(e.Position) == p {
			found = e
		}
		return true, nil
	})
	return found, err
}

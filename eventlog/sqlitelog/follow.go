package sqlitelog

import (
	"context"
	"iter"
	"slices"

	"lobby.example/eventlog"
)

// Follow implements eventlog.Log. Close to the head it is served from memory;
// further back it reads the file, a batch at a time.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		if _, err := l.locate(ctx, after); err != nil {
			yield(eventlog.Batch{}, err)
			return
		}
		at := after.Commit()
		for first := true; ; first = false {
			events, last, more, err := l.next(ctx, at)
			if err == nil {
				err = l.ended(ctx)
			}
			if err != nil {
				yield(eventlog.Batch{}, err)
				return
			}
			if len(events) == 0 && !first {
				select {
				case <-more:
				case <-ctx.Done():
				case <-l.closing:
				}
				continue
			}
			batch := eventlog.Batch{Through: after, CaughtUp: true}
			if n := len(events); n > 0 {
				after = events[n-1].Position
				at = after.Commit()
				batch = eventlog.Batch{Events: l.filter(events), Through: after, CaughtUp: at == last}
			}
			if !yield(batch, nil) {
				return
			}
		}
	}
}

// next is what follows a position now: events, or none and a channel that says
// when to ask again.
func (l *Log) next(ctx context.Context, at uint64) (events []eventlog.Recorded, last uint64, more <-chan struct{}, err error) {
	events, last, more, inMemory := l.recent.after(at, l.batch)
	if !inMemory {
		events, err = l.page(ctx, &l.inAll, eventlog.Forward, int64(at+1), int64(last), l.batch)
	}
	return events, last, more, err
}

func (l *Log) filter(events []eventlog.Recorded) []eventlog.Recorded {
	if len(l.categories) == 0 {
		return events
	}
	return slices.DeleteFunc(events, func(e eventlog.Recorded) bool { return !l.sees(e.Stream) })
}

// publish makes committed events known to followers, to Head and to who reads streams.
func (l *Log) publish(events []eventlog.Recorded, indexed uint64) {
	for i := len(events) - 1; i >= 0; i-- {
		if l.sees(events[i].Stream) {
			l.visible.Store(events[i].Position.Commit())
			break
		}
	}
	l.recent.publish(events, indexed)
}

package projections_test

import (
	"context"
	"errors"
	"iter"
	"slices"

	"lobby.example/eventlog"
)

// What memoryLog is asked.

// errCut ends what followed a log that was replaced by an older copy.
var errCut = errors.New("the log was away for a moment")

func (l *memoryLog) ReadStream(ctx context.Context, stream string, from eventlog.Revision, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		l.mu.RLock()
		var events []eventlog.Recorded
		for _, at := range l.streams[stream] {
			if r := l.all[at]; direction == eventlog.Forward && r.Revision >= from || direction == eventlog.Backward && r.Revision <= from {
				events = append(events, r)
			}
		}
		l.mu.RUnlock()
		l.yieldEach(ctx, inOrder(events, direction), limit, yield)
	}
}

func (l *memoryLog) ReadAll(ctx context.Context, from eventlog.Position, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		l.mu.RLock()
		all := l.all[:len(l.all):len(l.all)]
		l.mu.RUnlock()
		if !l.identity.Owns(from) {
			yield(eventlog.Recorded{}, eventlog.ErrForeign)
			return
		}
		end := int(from.Commit() / l.step)
		switch {
		case direction == eventlog.Forward:
			all = all[min(end, len(all)):]
		case !from.IsZero():
			all = all[:min(end, len(all))]
		}
		l.yieldEach(ctx, func(yield func(eventlog.Recorded) bool) {
			for r := range inOrder(all, direction) {
				if l.sees(r) && !yield(r) {
					return
				}
			}
		}, limit, yield)
	}
}

func inOrder(events []eventlog.Recorded, direction eventlog.Direction) iter.Seq[eventlog.Recorded] {
	if direction == eventlog.Forward {
		return slices.Values(events)
	}
	return func(yield func(eventlog.Recorded) bool) {
		for _, r := range slices.Backward(events) {
			if !yield(r) {
				return
			}
		}
	}
}

// Follow hands over all that there is at once.
func (l *memoryLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		l.mu.RLock()
		copies, err := l.copies, l.locate(after)
		l.mu.RUnlock()
		for first := true; ; first = false {
			if err == nil {
				err = l.usable(ctx)
			}
			l.mu.RLock()
			if err == nil && copies != l.copies {
				err = errCut
			}
			changed := l.changed
			from := min(int(after.Commit()/l.step), len(l.all))
			all := l.all[from:len(l.all):len(l.all)]
			l.mu.RUnlock()
			if err != nil {
				yield(eventlog.Batch{}, err)
				return
			}
			if len(all) == 0 && !first {
				select {
				case <-changed:
					if l.woken != nil {
						l.woken(ctx)
					}
				case <-ctx.Done():
				case <-l.closed:
				}
				continue
			}
			batch := eventlog.Batch{Through: after, CaughtUp: true}
			if len(all) > 0 {
				batch.Through = all[len(all)-1].Position
			}
			for _, r := range all {
				if l.sees(r) {
					r.Event = own(r.Event)
					batch.Events = append(batch.Events, r)
				}
			}
			if after = batch.Through; !yield(batch, nil) {
				return
			}
		}
	}
}

// locate refuses what is no place in the log.
func (l *memoryLog) locate(p eventlog.Position) error {
	if !l.identity.Owns(p) {
		return eventlog.ErrForeign
	}
	if p.Commit() > uint64(len(l.all))*l.step {
		return eventlog.ErrBeyondHead
	}
	return nil
}

package sqlitelog

import (
	"context"
	"iter"
	"math"

	"lobby.example/eventlog"
)

// ReadStream implements eventlog.Log. Asked for what is beyond the end of a
// stream that was used lately, it answers from memory.
func (l *Log) ReadStream(ctx context.Context, stream string, from eventlog.Revision, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		if err := l.ended(ctx); err != nil {
			yield(eventlog.Recorded{}, err)
			return
		}
		at, err := l.head(ctx, stream)
		if err != nil {
			yield(eventlog.Recorded{}, err)
			return
		}
		low, high := max(from, 0), at.revision
		if direction == eventlog.Backward {
			low, high = 0, min(from, at.revision)
		}
		if low > high {
			return
		}
		left := unlimited(limit)
		for low <= high && left > 0 {
			events, err := l.streamPage(ctx, stream, at.stream, low, high, direction, min(left, l.bounds.readPage))
			if err == nil {
				err = l.ended(ctx)
			}
			if err != nil {
				yield(eventlog.Recorded{}, err)
				return
			}
			for _, e := range events {
				if !l.give(ctx, e, yield) {
					return
				}
				if low = e.Revision + 1; direction == eventlog.Backward {
					low, high = 0, e.Revision-1
				}
				left--
			}
		}
	}
}

// LastRevision is that of the newest event of a stream, or NoStream. Of a stream that
// was used lately it knows that from memory.
func (l *Log) LastRevision(ctx context.Context, stream string) (eventlog.Revision, error) {
	if err := l.ended(ctx); err != nil {
		return eventlog.NoStream, err
	}
	at, err := l.head(ctx, stream)
	return at.revision, err
}

// streamPage reads from memory what the index may not have, and the rest from
// the file: in this order, because what leaves memory is in the index before.
func (l *Log) streamPage(ctx context.Context, stream string, number int64, low, high eventlog.Revision, direction eventlog.Direction, limit int) ([]eventlog.Recorded, error) {
	newest := l.recent.ofStream(stream, low, high)
	n := min(limit, len(newest))
	switch {
	case n > 0 && direction == eventlog.Backward:
		return copyEvents(n, func(i int) *eventlog.Recorded { return &newest[len(newest)-1-i].Recorded }), nil
	case n > 0 && newest[0].Revision == low:
		return copyEvents(n, func(i int) *eventlog.Recorded { return &newest[i].Recorded }), nil
	case n > 0:
		high = newest[0].Revision - 1
	}
	return l.page(ctx, &l.inStream, direction, int64(low), int64(high), limit, number)
}

// ReadAll implements eventlog.Log.
func (l *Log) ReadAll(ctx context.Context, from eventlog.Position, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		last, err := l.locate(ctx, from)
		if err != nil {
			yield(eventlog.Recorded{}, err)
			return
		}
		low, high := from.Commit()+1, last
		if direction == eventlog.Backward {
			if low = 1; !from.IsZero() {
				high = from.Commit()
			}
		}
		left := unlimited(limit)
		for grown := 1; low <= high && left > 0; grown = min(2*grown, l.bounds.readPage) {
			// What is filtered out does not count: where that is most of it, the
			// pages grow.
			page := l.bounds.readPage
			if left < page/grown {
				page = left * grown
			}
			events, err := l.page(ctx, &l.inAll, direction, int64(low), int64(high), page)
			if err == nil {
				err = l.ended(ctx)
			}
			if err != nil {
				yield(eventlog.Recorded{}, err)
				return
			}
			for _, e := range events {
				if low = e.Position.Commit() + 1; direction == eventlog.Backward {
					low, high = 1, e.Position.Commit()-1
				}
				if !l.sees(e.Stream) {
					continue
				}
				if !l.give(ctx, e, yield) {
					return
				}
				if left--; left == 0 {
					return
				}
			}
		}
	}
}

// give yields an event, or the error with which reading must end now.
func (l *Log) give(ctx context.Context, e eventlog.Recorded, yield func(eventlog.Recorded, error) bool) bool {
	if err := l.ended(ctx); err != nil {
		yield(eventlog.Recorded{}, err)
		return false
	}
	return yield(e, nil)
}

func unlimited(limit int) int {
	if limit == 0 {
		return math.MaxInt
	}
	return limit
}

// locate refuses a position that is no place in this log, and answers with the
// last position that readers may see.
func (l *Log) locate(ctx context.Context, p eventlog.Position) (last uint64, err error) {
	if err := l.ended(ctx); err != nil {
		return 0, err
	}
	last = l.recent.head()
	switch {
	case !l.identity.Owns(p) || p.Commit() != p.Prepare():
		return 0, eventlog.ErrForeign
	case p.Commit() > last:
		return 0, eventlog.ErrBeyondHead
	}
	return last, nil
}

// Head implements eventlog.Log.
func (l *Log) Head(ctx context.Context) (eventlog.Position, error) {
	if err := l.ended(ctx); err != nil {
		return eventlog.Position{}, err
	}
	if p := l.visible.Load(); p > 0 {
		return l.identity.At(p, p), nil
	}
	return eventlog.Position{}, nil
}

// findVisible looks for the newest event of the log's categories, newest first.
func (l *Log) findVisible(ctx context.Context) error {
	for e, err := range l.ReadAll(ctx, eventlog.Position{}, eventlog.Backward, 1) {
		if err != nil {
			return err
		}
		l.visible.Store(e.Position.Commit())
	}
	return nil
}

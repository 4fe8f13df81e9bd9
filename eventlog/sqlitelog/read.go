package sqlitelog

import (
	"context"
	"database/sql"
	"iter"
	"math"
	"time"

	"lobby.example/eventlog"
)

// readBytes ends a page, whether from the file or from memory, once it holds this much.
const readBytes = 8 << 20

// pages are the statements that read a page of events in each order.
type pages struct{ stream, all [2]*sql.Stmt }

func preparePages(db *sql.DB) (p *pages, err error) {
	p = new(pages)
	for text, into := range map[string]**sql.Stmt{
		eventsOfStream + "limit $4":      &p.stream[eventlog.Forward],
		eventsOfStream + "desc limit $4": &p.stream[eventlog.Backward],
		eventsOfAll + "limit $3":         &p.all[eventlog.Forward],
		eventsOfAll + "desc limit $3":    &p.all[eventlog.Backward],
	} {
		if *into, err = db.Prepare(text); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// page reads what a statement finds, until it has readBytes. The context is not
// given to the driver, which would start a goroutine for it: a page is short.
func (l *Log) page(ctx context.Context, stmt *sql.Stmt, args ...any) ([]eventlog.Recorded, error) {
	events, err := l.scan(stmt, args...)
	if err != nil {
		return nil, l.failure(ctx, "read", err)
	}
	return events, nil
}

func (l *Log) scan(stmt *sql.Stmt, args ...any) (events []eventlog.Recorded, err error) {
	rows, err := stmt.Query(args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var (
		memory             arena
		bytes              int
		position           uint64
		micros             int64
		id, data, metadata sql.RawBytes
	)
	for bytes < readBytes && rows.Next() {
		var e eventlog.Recorded
		if err := rows.Scan(&position, &e.Stream, &e.Revision, &id, &e.Kind, &micros, &data, &metadata); err != nil {
			return nil, err
		}
		copy(e.ID[:], id)
		e.Data, e.Metadata = memory.copy(data), memory.copy(metadata)
		e.Position = l.identity.At(position, position)
		e.Time = time.UnixMicro(micros).UTC()
		bytes += len(e.Data) + len(e.Metadata)
		events = append(events, e)
	}
	return events, rows.Err()
}

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
	return l.page(ctx, l.pages.stream[direction], number, int64(low), int64(high), limit)
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
		left, page := unlimited(limit), min(unlimited(limit), l.bounds.readPage)
		if len(l.categories) > 0 {
			page = l.bounds.readPage // what is filtered out does not count
		}
		for low <= high && left > 0 {
			events, err := l.page(ctx, l.pages.all[direction], int64(low), int64(high), page)
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

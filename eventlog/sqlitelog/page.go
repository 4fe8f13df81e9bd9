package sqlitelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lobby.example/eventlog"
)

// ErrDamaged says that rows are missing that the log once had. Nothing reads on
// past such a place.
var ErrDamaged = errors.New("the file is damaged")

// readBytes ends a page, whether from the file or from memory, once it holds this much.
const readBytes = 8 << 20

// order is a gapless order in which events are read, in pages and both directions.
type order struct {
	statements [2]*sql.Stmt // by direction; $1 and $2 bound the place, $3 the number of rows
	place      func(*eventlog.Recorded) int64
}

func prepareOrder(db *sql.DB, text string, place func(*eventlog.Recorded) int64) (o order, err error) {
	o.place = place
	if o.statements[eventlog.Forward], err = db.Prepare(text + " limit $3"); err != nil {
		return o, err
	}
	o.statements[eventlog.Backward], err = db.Prepare(text + " desc limit $3")
	return o, err
}

func inStream(e *eventlog.Recorded) int64 { return int64(e.Revision) }
func inAll(e *eventlog.Recorded) int64    { return int64(e.Position.Commit()) }

// page reads from one end of low to high, at most limit events and about
// readBytes, and at least one. The context is not given to the driver, which
// would start a goroutine for it: a page is short.
func (l *Log) page(ctx context.Context, o *order, direction eventlog.Direction, low, high int64, limit int, more ...any) ([]eventlog.Recorded, error) {
	events, err := l.scan(o, direction, low, high, limit, more...)
	if err != nil {
		return nil, l.failure(ctx, "read", err)
	}
	return events, nil
}

func (l *Log) scan(o *order, direction eventlog.Direction, low, high int64, limit int, more ...any) (events []eventlog.Recorded, err error) {
	rows, err := o.statements[direction].Query(append([]any{low, high, limit}, more...)...)
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
	next, step := low, int64(1)
	if direction == eventlog.Backward {
		next, step = high, -1
	}
	for bytes < readBytes && rows.Next() {
		var e eventlog.Recorded
		if err := rows.Scan(&position, &e.Stream, &e.Revision, &id, &e.Kind, &micros, &data, &metadata); err != nil {
			return nil, err
		}
		copy(e.ID[:], id)
		e.Data, e.Metadata = memory.copy(data), memory.copy(metadata)
		e.Position = l.identity.At(position, position)
		e.Time = time.UnixMicro(micros).UTC()
		if o.place(&e) != next {
			break // at a hole; what is before it is good
		}
		next += step
		bytes += len(e.Data) + len(e.Metadata)
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("%w: of places %d to %d, number %d is missing", ErrDamaged, low, high, next)
	}
	return events, nil
}

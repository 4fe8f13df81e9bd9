// Package eventlog is the one place where Lobby remembers. A Log keeps streams
// of events in the order in which they were committed and hands them back the
// same way to everybody.
//
// It promises that an acknowledged append is never lost, that an append is all
// or nothing, that every reader sees one and the same order, and that following
// the log skips nothing. It never looks inside an event: it moves bytes, names
// and positions, and knows no rule of the business.
//
// Every engine passes the one suite in eventlogtest; its cases are these
// promises, each by name.
package eventlog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Revision is the place of an event in its stream; the first event has 0.
type Revision int64

const (
	// NoStream is the expected revision of a stream that has no event yet.
	NoStream Revision = -1
	// End, as the start of a Backward read, means the newest event.
	End Revision = math.MaxInt64
)

// Direction says which way a read goes.
type Direction int

const (
	Forward  Direction = iota // oldest first
	Backward                  // newest first
)

// MaxEventBytes bounds the data and the metadata of one event together: 1 MiB,
// which is also what an EventStoreDB server accepts by default.
const MaxEventBytes = 1 << 20

// MaxAppendEvents bounds the events of one append.
const MaxAppendEvents = 4096

// Event is what a writer hands over. ID makes a retry recognisable and is never
// the zero UUID. Data and Metadata are JSON documents; Metadata may be empty.
type Event struct {
	ID       uuid.UUID
	Kind     string
	Data     []byte
	Metadata []byte
}

// Recorded is an event with the place that the log gave it. It belongs to whoever
// received it: changing it changes nothing for anybody else.
type Recorded struct {
	Event
	Stream   string
	Revision Revision
	Position Position
	Time     time.Time // when the log took it, UTC
}

// Appended tells where the events of one append ended up.
type Appended struct {
	Revision  Revision   // of the last event
	Positions []Position // of each event, in the order given
}

// Batch is what Follow hands over at once. Events may be empty where everything
// up to Through was filtered out. A reader that has dealt with the batch may
// remember Through and follow on from there.
type Batch struct {
	Events   []Recorded
	Through  Position
	CaughtUp bool // nothing more was committed when the batch was made
}

// Log is an append-only store of events in streams. All methods are safe for
// concurrent use. A sequence that fails yields exactly one error, as its last
// element, the context's own error included; no lock, transaction or connection
// is held while the receiver looks at an element.
type Log interface {
	// Append writes the events at the end of the stream if its last revision is
	// exactly expected (NoStream for a stream with no event yet), all of them or
	// none. When it returns nil, they survive a crash of the process and of the
	// machine.
	//
	// Repeating an append with the same event ids at the same expected revision
	// answers as the first time did and writes nothing.
	//
	// It fails with a *ConflictError when the stream is elsewhere, ErrTooLarge
	// for an event above MaxEventBytes or more than MaxAppendEvents of them,
	// ErrInvalid for what is no event or no stream name, ErrFull where there is no
	// room, ErrClosed after Close.
	// After any other error, the context's included, the outcome is unknown:
	// repeat the same append to learn it.
	Append(ctx context.Context, stream string, expected Revision, events []Event) (Appended, error)

	// ReadStream yields at most limit events of a stream (all of them when limit
	// is 0), starting with the one at from. A stream that does not exist yields
	// nothing.
	ReadStream(ctx context.Context, stream string, from Revision, direction Direction, limit int) iter.Seq2[Recorded, error]

	// ReadAll yields at most limit events (all when limit is 0) of the categories
	// that the log was opened for: Forward those after from, Backward those at or
	// before it. The zero Position is the start; Backward from the zero Position
	// means from the newest.
	ReadAll(ctx context.Context, from Position, direction Direction, limit int) iter.Seq2[Recorded, error]

	// Follow yields everything committed after the position, then goes on as
	// events are committed, until the context ends. Where there is nothing yet,
	// the first batch is empty and says so: CaughtUp, with the position itself as
	// Through. It fails with ErrForeign or
	// ErrBeyondHead before anything is yielded when the position is not a place
	// in this log.
	Follow(ctx context.Context, after Position) iter.Seq2[Batch, error]

	// Head is the position of the last event that Follow would deliver now, or
	// the zero Position when there is none.
	Head(ctx context.Context) (Position, error)
}

var (
	// ErrClosed answers everything asked of a log after it was closed.
	ErrClosed = errors.New("eventlog: closed")
	// ErrTooLarge refuses an event above MaxEventBytes, or an append of more than MaxAppendEvents.
	ErrTooLarge = errors.New("eventlog: event or append too large")
	// ErrInvalid refuses what is not an event, a stream name or an expected revision.
	ErrInvalid = errors.New("eventlog: invalid append")
	// ErrFull refuses an append that there is no room for. Nobody sees anything of it,
	// and the log goes on with the same append once there is room.
	ErrFull = errors.New("eventlog: no room")
	// ErrForeign refuses a position that another log gave out.
	ErrForeign = errors.New("eventlog: the position belongs to another log")
	// ErrBeyondHead refuses a position that the log has not reached, as after a restore of an older copy.
	ErrBeyondHead = errors.New("eventlog: the position is beyond the head of the log")
)

// ConflictError says that a stream was not where an append expected it.
type ConflictError struct {
	Stream   string
	Expected Revision
	Current  Revision // the revision of the stream's last event, or NoStream
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("eventlog: %s is at revision %d, not %d", e.Stream, e.Current, e.Expected)
}

// Category is the part of a stream's name before its first hyphen: connection
// for connection-4c2e….
func Category(stream string) string {
	category, _, _ := strings.Cut(stream, "-")
	return category
}

// CheckAppend holds the rules that every engine applies before it writes.
func CheckAppend(stream string, expected Revision, events []Event) error {
	if stream == "" || len(stream) > 200 || strings.HasPrefix(stream, "$") || strings.ContainsFunc(stream, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("%w: stream name %q", ErrInvalid, stream)
	}
	if expected < NoStream || expected == End {
		return fmt.Errorf("%w: expected revision %d", ErrInvalid, expected)
	}
	if len(events) == 0 {
		return fmt.Errorf("%w: no events", ErrInvalid)
	}
	if len(events) > MaxAppendEvents {
		return fmt.Errorf("%w: %d events", ErrTooLarge, len(events))
	}
	for i, e := range events {
		if e.ID == uuid.Nil || e.Kind == "" || strings.HasPrefix(e.Kind, "$") {
			return fmt.Errorf("%w: event %d has kind %q and id %s", ErrInvalid, i, e.Kind, e.ID)
		}
		if size := len(e.Data) + len(e.Metadata); size > MaxEventBytes {
			return fmt.Errorf("%w: event %d has %d bytes", ErrTooLarge, i, size)
		}
	}
	return nil
}

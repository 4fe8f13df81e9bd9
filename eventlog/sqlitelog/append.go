package sqlitelog

import (
	"context"
	"database/sql"
	"errors"

	"lobby.example/eventlog"
)

// request is one append on its way through the writer. Its events are copies:
// the caller may be gone before they are written.
type request struct {
	stream   string
	expected eventlog.Revision
	events   []eventlog.Event
	bytes    int
	done     chan outcome
}

type outcome struct {
	first     uint64 // position of the first event
	elsewhere bool   // the stream was not at the expected revision
	err       error
}

func newRequest(stream string, expected eventlog.Revision, events []eventlog.Event) *request {
	r := &request{stream: stream, expected: expected, events: make([]eventlog.Event, len(events)), done: make(chan outcome, 1)}
	for i := range events {
		r.bytes += len(events[i].Data) + len(events[i].Metadata)
	}
	var memory arena
	memory.reserve(r.bytes)
	for i, e := range events {
		e.Data, e.Metadata = memory.copy(e.Data), memory.copy(e.Metadata)
		r.events[i] = e
	}
	return r
}

// Append implements eventlog.Log.
func (l *Log) Append(ctx context.Context, stream string, expected eventlog.Revision, events []eventlog.Event) (eventlog.Appended, error) {
	if err := eventlog.CheckAppend(stream, expected, events); err != nil {
		return eventlog.Appended{}, err
	}
	if err := l.ended(ctx); err != nil {
		return eventlog.Appended{}, err
	}
	// Looked up here, so that the writer finds it in memory.
	at, err := l.head(ctx, stream)
	if err != nil {
		return eventlog.Appended{}, err
	}
	if expected < at.revision {
		return l.judge(ctx, stream, expected, events)
	}
	r := newRequest(stream, expected, events)
	select {
	case l.queue <- r:
	case <-ctx.Done():
		return eventlog.Appended{}, ctx.Err()
	case <-l.closing:
		return eventlog.Appended{}, eventlog.ErrClosed
	}
	var o outcome
	select {
	case o = <-r.done:
	case <-ctx.Done():
		return eventlog.Appended{}, ctx.Err()
	case <-l.stopped:
		select {
		case o = <-r.done:
		default:
			return eventlog.Appended{}, eventlog.ErrClosed
		}
	}
	switch {
	case o.err != nil:
		return eventlog.Appended{}, o.err
	case o.elsewhere:
		return l.judge(ctx, stream, expected, events)
	}
	return l.appended(expected, o.first, len(events)), nil
}

func (l *Log) appended(expected eventlog.Revision, first uint64, n int) eventlog.Appended {
	a := eventlog.Appended{Revision: expected + eventlog.Revision(n), Positions: make([]eventlog.Position, n)}
	for i := range a.Positions {
		a.Positions[i] = l.identity.At(first+uint64(i), first+uint64(i))
	}
	return a
}

// judge answers an append that was not written because the stream is elsewhere:
// as the first time if these very events are there, otherwise with a conflict.
// It runs in the caller's goroutine, so that it costs no other append anything.
func (l *Log) judge(ctx context.Context, stream string, expected eventlog.Revision, events []eventlog.Event) (eventlog.Appended, error) {
	at, err := l.head(ctx, stream)
	if err != nil {
		return eventlog.Appended{}, err
	}
	conflict := &eventlog.ConflictError{Stream: stream, Expected: expected, Current: at.revision}
	if at.revision < expected+eventlog.Revision(len(events)) {
		return eventlog.Appended{}, conflict
	}
	var positions []eventlog.Position
	for e, err := range l.ReadStream(ctx, stream, expected+1, eventlog.Forward, len(events)) {
		if err != nil {
			return eventlog.Appended{}, err
		}
		if e.ID != events[len(positions)].ID {
			return eventlog.Appended{}, conflict
		}
		positions = append(positions, e.Position)
	}
	return eventlog.Appended{Revision: expected + eventlog.Revision(len(events)), Positions: positions}, nil
}

// head tells where a stream is: from memory, or else from the file.
func (l *Log) head(ctx context.Context, stream string) (head, error) {
	at, generation, ok := l.heads.get(stream)
	if ok {
		return at, nil
	}
	at, err := l.findHead(l.byName, stream)
	if err != nil {
		return head{}, l.failure(ctx, "read the head of "+stream, err)
	}
	l.heads.offer(stream, at, generation)
	return at, nil
}

// findHead looks for the stream's newest event in memory first: what is not
// there now is in the index by the time that the file is read.
func (l *Log) findHead(byName *sql.Stmt, stream string) (head, error) {
	newest := l.recent.newest(stream)
	var at head
	err := byName.QueryRow(stream).Scan(&at.stream, &at.revision)
	if errors.Is(err, sql.ErrNoRows) {
		return head{revision: eventlog.NoStream}, nil
	}
	at.revision = max(at.revision, newest)
	return at, err
}

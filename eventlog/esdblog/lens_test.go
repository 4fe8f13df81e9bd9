package esdblog

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync/atomic"
	"testing"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/esdbserver/esdbtest"
	"lobby.example/eventlog/sqlitelog"
)

// lens is a log with places of another kind, which a server in front of it shows as
// its own: positions with two different halves as after an explicit transaction, and
// a Through that is beyond the last event as between two of a real server's records.
type lens struct {
	eventlog.Log
	ahead    uint64       // how far Through is
	dropping atomic.Bool  // whether subscriptions drop once they have caught up
	reads    atomic.Int64 // events that ReadAll yielded
}

const stride = 10

func (l *lens) out(p eventlog.Position) eventlog.Position {
	if p.IsZero() {
		return p
	}
	return p.Identity().At(p.Commit()*stride, p.Commit()*stride-3)
}

func (l *lens) in(p eventlog.Position) eventlog.Position {
	if p.IsZero() {
		return p
	}
	return p.Identity().At(p.Commit()/stride, p.Commit()/stride)
}

func (l *lens) recorded(events iter.Seq2[eventlog.Recorded, error], count bool) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		for e, err := range events {
			if count {
				l.reads.Add(1)
			}
			e.Position = l.out(e.Position)
			if !yield(e, err) {
				return
			}
		}
	}
}

func (l *lens) Append(ctx context.Context, stream string, expected eventlog.Revision, events []eventlog.Event) (eventlog.Appended, error) {
	a, err := l.Log.Append(ctx, stream, expected, events)
	for i, p := range a.Positions {
		a.Positions[i] = l.out(p)
	}
	return a, err
}

func (l *lens) ReadStream(ctx context.Context, stream string, from eventlog.Revision, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return l.recorded(l.Log.ReadStream(ctx, stream, from, direction, limit), false)
}

func (l *lens) ReadAll(ctx context.Context, from eventlog.Position, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return l.recorded(l.Log.ReadAll(ctx, l.in(from), direction, limit), true)
}

func (l *lens) Head(ctx context.Context) (eventlog.Position, error) {
	p, err := l.Log.Head(ctx)
	return l.out(p), err
}

var errDropped = errors.New("dropped for the test")

func (l *lens) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		for batch, err := range l.Log.Follow(ctx, l.in(after)) {
			for i := range batch.Events {
				batch.Events[i].Position = l.out(batch.Events[i].Position)
			}
			if batch.Through = l.out(batch.Through); l.ahead > 0 && !batch.Through.IsZero() {
				batch.Through = batch.Through.Identity().At(batch.Through.Commit()+l.ahead, batch.Through.Commit()+l.ahead)
			}
			if !yield(batch, err) || err != nil {
				return
			}
			if batch.CaughtUp && l.dropping.Load() {
				yield(eventlog.Batch{}, errDropped)
				return
			}
		}
	}
}

// serveLens serves a log through a lens.
func serveLens(t testing.TB, log *sqlitelog.Log, ahead uint64) (*lens, *esdbtest.Server) {
	t.Helper()
	l := &lens{Log: log, ahead: ahead}
	return l, esdbtest.Serve(t, l, esdbserver.Options{MayRead: esdbserver.Anyone, Append: esdbtest.Appender(l), Logger: slog.New(slog.DiscardHandler)})
}

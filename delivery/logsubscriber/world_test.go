package logsubscriber_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

func openLog(tb testing.TB) *sqlitelog.Log {
	tb.Helper()
	return openFile(tb, filepath.Join(tb.TempDir(), "log.sqlite"), sqlitelog.Options{})
}

func openFile(tb testing.TB, path string, options sqlitelog.Options) *sqlitelog.Log {
	tb.Helper()
	log, err := sqlitelog.Open(path, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { log.Close() })
	return log
}

// write appends n events to a stream, one after the other.
func write(tb testing.TB, log eventlog.Log, stream string, n int) (written []eventlog.Recorded) {
	tb.Helper()
	last := eventlog.NoStream
	for r, err := range log.ReadStream(tb.Context(), stream, eventlog.End, eventlog.Backward, 1) {
		if err != nil {
			tb.Fatal(err)
		}
		last = r.Revision
	}
	for range n {
		e := eventlog.Event{
			ID: uuid.New(), Kind: "happened", Data: fmt.Appendf(nil, `{"after":%d}`, last),
			Metadata: fmt.Appendf(nil, `{"$correlationId":"of %s"}`, stream),
		}
		a, err := log.Append(tb.Context(), stream, last, []eventlog.Event{e})
		if err != nil {
			tb.Fatal(err)
		}
		last = a.Revision
		written = append(written, eventlog.Recorded{Event: e, Stream: stream, Revision: last, Position: a.Positions[0]})
	}
	return written
}

func newSubscriber(tb testing.TB, config logsubscriber.Config) *logsubscriber.Subscriber {
	tb.Helper()
	if config.NackPause == (logsubscriber.Backoff{}) {
		config.NackPause = logsubscriber.Backoff{First: time.Millisecond, Max: 4 * time.Millisecond}
	}
	if config.AnswerWait == 0 {
		config.AnswerWait = patience
	}
	s, err := logsubscriber.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

func subscribe(tb testing.TB, s *logsubscriber.Subscriber, topic string) <-chan *message.Message {
	tb.Helper()
	messages, err := s.Subscribe(context.Background(), topic)
	if err != nil {
		tb.Fatal(err)
	}
	return messages
}

// next is the message that comes, which must be the one of the event.
func next(tb testing.TB, messages <-chan *message.Message, want eventlog.Recorded) *message.Message {
	tb.Helper()
	select {
	case m, open := <-messages:
		if !open {
			tb.Fatalf("the channel is closed before %s", want.Position)
		}
		if m.UUID != want.ID.String() {
			tb.Fatalf("the event at %s came, want the one at %s", m.Metadata.Get(logsubscriber.PositionKey), want.Position)
		}
		return m
	case <-time.After(patience):
		tb.Fatalf("%s does not come", want.Position)
	}
	return nil
}

// ack takes the messages of these events, in this order, and acks each.
func ack(tb testing.TB, messages <-chan *message.Message, events ...eventlog.Recorded) {
	tb.Helper()
	for _, e := range events {
		next(tb, messages, e).Ack()
	}
}

func closed(tb testing.TB, messages <-chan *message.Message) {
	tb.Helper()
	select {
	case m, open := <-messages:
		if open {
			tb.Fatalf("%s came, want the channel closed", m.Metadata.Get(logsubscriber.PositionKey))
		}
	case <-time.After(patience):
		tb.Fatal("the channel is not closed")
	}
}

func shut(tb testing.TB, s interface{ Close() error }) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
}

// memory keeps a checkpoint as long as the test runs.
type memory struct {
	mu      sync.Mutex
	kept    *logsubscriber.Checkpoint
	saves   []logsubscriber.Checkpoint
	broken  error // what Save answers
	changed chan struct{}
}

func (m *memory) Load(context.Context) (logsubscriber.Checkpoint, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		return logsubscriber.Checkpoint{}, false, nil
	}
	return *m.kept, true, nil
}

func (m *memory) Save(ctx context.Context, c logsubscriber.Checkpoint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(ctx.Err(), m.broken); err != nil {
		return err
	}
	m.kept, m.saves = &c, append(m.saves, c)
	if m.changed != nil {
		close(m.changed)
		m.changed = nil
	}
	return nil
}

func (m *memory) breaks(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

func (m *memory) checkpoint() logsubscriber.Checkpoint {
	c, _, _ := m.Load(context.Background())
	return c
}

// reaches waits until the position is saved.
func (m *memory) reaches(tb testing.TB, position eventlog.Position) {
	tb.Helper()
	late := time.After(patience)
	for {
		m.mu.Lock()
		if m.kept != nil && m.kept.Position.Compare(position) >= 0 {
			m.mu.Unlock()
			return
		}
		if m.changed == nil {
			m.changed = make(chan struct{})
		}
		changed := m.changed
		m.mu.Unlock()
		select {
		case <-changed:
		case <-late:
			tb.Fatalf("the checkpoint is %s, want %s", m.checkpoint().Position, position)
		}
	}
}

var errInterrupted = errors.New("connection lost")

// flakyLog loses the connection after a number of events, in the middle of a
// batch, and counts who follows at the same time.
type flakyLog struct {
	eventlog.Log
	after     func() int // events until it fails; none follow when it is 0
	following atomic.Int32
	follows   atomic.Int32
	beside    atomic.Bool // somebody followed beside somebody else
}

func (l *flakyLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		if l.following.Add(1) > 1 {
			l.beside.Store(true)
		}
		defer l.following.Add(-1)
		l.follows.Add(1)
		left := l.after()
		for batch, err := range l.Log.Follow(ctx, after) {
			if err != nil || len(batch.Events) < left || left == 0 && len(batch.Events) == 0 {
				left -= len(batch.Events)
				if !yield(batch, err) {
					return
				}
				continue
			}
			if left > 0 && !yield(eventlog.Batch{Events: batch.Events[:left], Through: batch.Events[left-1].Position}, nil) {
				return
			}
			yield(eventlog.Batch{}, errInterrupted)
			return
		}
	}
}

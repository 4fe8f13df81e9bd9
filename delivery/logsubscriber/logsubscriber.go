// Package logsubscriber is a Watermill subscriber over an event log: what is
// committed to any eventlog.Log comes out as messages, in the log's order.
//
// It promises that one message is in flight at a time, that the next is withheld
// until it is acked, that a nacked one comes again after a growing pause, and
// that after a restart it goes on behind the last message whose ack was
// remembered. So every event arrives at least once, in order, and none is
// skipped: not by a Nack, a crash, a shutdown, or a log that failed for a while.
//
// It never starts from a checkpoint that is no place in the log, never moves its
// checkpoint past an event that was not acked, never touches the checkpoint while
// a handler may be saving a later one, and never looks inside an event's data.
package logsubscriber

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"lobby.example/eventlog"
)

// Origin is where a subscription begins that has no checkpoint yet.
type Origin int

const (
	Head  Origin = iota // with what is committed from now on
	Start               // with the first event of the log
)

// Config says what a Subscriber reads and how. Log and Checkpoints are needed; the
// zero value of everything else is a good choice.
type Config struct {
	Log         eventlog.Log
	Checkpoints Checkpoints
	// From is where to begin when there is no checkpoint. That place is saved at
	// once, so that nothing is skipped which is committed before the first ack.
	From Origin
	// Wants, where set, says which events are handed out; the others cost next to
	// nothing. It is asked when an event's turn has come, after all before it were acked.
	Wants func(eventlog.Recorded) bool
	// NackPause is how long a nacked message stays away; 0 means 100 ms and 30 s.
	NackPause Backoff
	// AnswerWait bounds how long an ending subscription waits for the answer to the
	// message in flight, whose context has ended by then; 0 means 1 s.
	AnswerWait time.Duration
	// Logger gets what goes wrong; nil means slog.Default.
	Logger *slog.Logger
}

var (
	// ErrClosed answers a Subscribe after Close.
	ErrClosed = errors.New("logsubscriber: closed")
	// ErrSubscribed refuses a second subscription beside the first. They would share
	// one checkpoint, and each would skip what only the other has dealt with.
	ErrSubscribed = errors.New("logsubscriber: there is a subscription already; a second one needs a subscriber and a checkpoint of its own")
)

// Subscriber is a message.Subscriber over one log, with one checkpoint and so
// with one subscription at a time.
type Subscriber struct {
	config Config
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu         sync.Mutex
	closed     bool
	subscribed bool
	err        error // see Err
	saving     error // see Close
}

var _ message.Subscriber = (*Subscriber)(nil)

// New makes a subscriber. It asks nothing of the log or the checkpoints yet.
func New(config Config) (*Subscriber, error) {
	if config.Log == nil || config.Checkpoints == nil {
		return nil, errors.New("logsubscriber: a log and checkpoints are needed")
	}
	if config.From != Head && config.From != Start {
		return nil, errors.New("logsubscriber: a subscription begins at the head or at the start")
	}
	if config.NackPause == (Backoff{}) {
		config.NackPause = Backoff{First: 100 * time.Millisecond, Max: 30 * time.Second}
	}
	if config.NackPause.First <= 0 || config.NackPause.Max < config.NackPause.First || config.AnswerWait < 0 {
		return nil, errors.New("logsubscriber: pauses are positive, and the longest is not shorter than the first")
	}
	if config.AnswerWait == 0 {
		config.AnswerWait = time.Second
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	s := &Subscriber{config: config}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Subscribe hands out the events of the topic, which is a category of streams
// ("connection"), one stream ("connection-4c2e…"), or everything (""). The
// checkpoint moves on over all events, so it belongs to one topic.
//
// It fails with ErrCheckpoint when the stored checkpoint is no place in this log,
// with ErrSubscribed while there is another subscription, with ErrClosed after
// Close. The channel is closed when the context or the subscriber ends, and when
// the log can never be followed any further, which Err tells.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, ErrClosed
	case s.subscribed:
		return nil, ErrSubscribed
	}
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(s.ctx, cancel)
	end := func() { unlink(); cancel() }
	at, err := s.start(ctx)
	if err != nil {
		end()
		if s.ctx.Err() != nil {
			return nil, ErrClosed
		}
		return nil, err
	}
	r := &reader{Config: &s.config, topic: topic, at: at, saved: at, tried: time.Now(), out: make(chan *message.Message)}
	s.subscribed, s.err = true, nil
	s.done.Go(func() {
		defer close(r.out)
		defer end()
		err := r.run(ctx)
		saving := r.finish(context.WithoutCancel(ctx))
		if saving != nil {
			s.config.Logger.Warn("last checkpoint not saved", "position", r.at.Position, "error", saving)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.subscribed, s.err, s.saving = false, err, saving
	})
	return r.out, nil
}

// Err is why the last subscription ended by itself; nil while it goes on, and
// when it ended because it was told to.
func (s *Subscriber) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close ends the subscription. It returns when nothing runs any more, with the
// error that kept the last checkpoint from being saved, if there was one: then
// some messages come again. A message that was not acked by then does so too.
func (s *Subscriber) Close() error {
	s.cancel() // first, since a Subscribe that is asking the log has the lock
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saving
}

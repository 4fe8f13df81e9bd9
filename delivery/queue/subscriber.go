package queue

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// SubscriberOptions say how items are handed out. The zero value is a good choice.
type SubscriberOptions struct {
	// InFlight bounds the messages of one topic that are being delivered, each for
	// another recipient; 0 means 64.
	InFlight int
	// MaxAttempts is how often an item is tried before it is parked; 0 means 12.
	MaxAttempts int
	// Backoff is the pause after an attempt that failed. Without one it is a second,
	// doubled by each attempt up to a quarter of an hour, and half of that by chance,
	// so that what failed together does not come again together.
	Backoff func(attempt int) time.Duration
	// Poll is how often to look for what other processes changed; 0 means a second.
	Poll time.Duration
	// CloseTimeout is how long Close, and the end of a context, wait for answers to
	// what was handed out; 0 means ten seconds. Close waits so long before it ends
	// the messages' contexts, and as long again after it.
	CloseTimeout time.Duration
	// Now is the clock, of the same time as the system's, by which planning goes.
	Now func() time.Time
	// Logger takes what goes wrong with the store itself; nil means slog's own.
	Logger *slog.Logger
}

func (o SubscriberOptions) withDefaults() SubscriberOptions {
	if o.InFlight <= 0 {
		o.InFlight = 64
	}
	if o.MaxAttempts <= 0 {
		o.MaxAttempts = 12
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.CloseTimeout <= 0 {
		o.CloseTimeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

const longestPause = 15 * time.Minute

func backoff(attempt int) time.Duration {
	pause := longestPause
	if attempt < 11 { // 1 s doubled ten times is more
		pause = min(pause, time.Second<<max(attempt-1, 0))
	}
	return pause/2 + rand.N(pause/2+1)
}

// Subscriber hands out the items of a topic: for each recipient the first one,
// when its time has come, and the next one when that has been delivered. An Ack
// says delivered. A Nack has it come again after its pause, or parks it after its
// last attempt.
type Subscriber struct {
	store   *Store
	options SubscriberOptions

	mu            sync.Mutex
	closed        bool
	closing       chan struct{}
	subscriptions sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber makes a subscriber of the store.
func NewSubscriber(s *Store, options SubscriberOptions) *Subscriber {
	return &Subscriber{store: s, options: options.withDefaults(), closing: make(chan struct{})}
}

// Subscribe implements message.Subscriber. It fails with ErrNotOwner unless the
// store is the owner. The end of ctx, or Close, ends it: what was not handed out
// is as if never taken, and what was handed out and not answered within the bound
// comes again, its attempt counted.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if err := s.store.owned(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("queue: the subscriber is closed")
	}
	d := newDispatcher(s, topic)
	if err := s.store.attach(d.woken); err != nil {
		return nil, err
	}
	s.subscriptions.Go(func() {
		defer s.store.detach(d.woken)
		d.run(ctx)
	})
	return d.out, nil
}

// Close implements message.Subscriber. It returns once every subscription is over.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.subscriptions.Wait()
	return nil
}

// attach has the store tell the subscription what changes, and wait for it in Close.
func (s *Store) attach(woken chan<- struct{}) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.wakes[woken] = struct{}{}
	s.subscriptions.Add(1)
	return nil
}

func (s *Store) detach(woken chan<- struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.wakes, woken)
	s.subscriptions.Done()
}

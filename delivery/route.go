package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"lobby.example/delivery/hook"
	"lobby.example/delivery/logsubscriber"
	"lobby.example/delivery/mail"
	"lobby.example/delivery/queue"
)

const (
	// closeTimeout bounds how long what is on its way may take to finish: a third of
	// it undisturbed, and another third after its context has ended.
	closeTimeout = 15 * time.Second
	callsAtOnce  = 64
)

// LettersAtOnce is how many letters are on their way at most, each on a connection
// of its own. There are to be so many connections: a letter is looked at right
// before it is sent, and must not wait for one after that.
const LettersAtOnce = 8

// quietly keeps what Watermill tells for those who look closely: what fails is
// logged here, with what an operator needs to know.
var quietly = map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug, slog.LevelError: slog.LevelDebug}

// outcome is what became of an item that is done with.
type outcome string

const sent outcome = "sent"

// send does what an item asks for, or fails.
type send func(ctx context.Context, item queue.Item, attempt int) (outcome, error)

// router is one that has been wired, with what it runs.
type router struct {
	*message.Router
	handlers    []*message.Handler
	events      *logsubscriber.Subscriber
	subscribers []*willing
}

// route wires the log to the plan, and the queue to the senders:
//
//	log ─▶ plan ─▶ queue ─▶ reasons ─▶ count ─▶ park ─▶ last ─▶ recover ─▶ send
//
// Each name is a step that a message goes through, outermost first. What parks
// stands outside of what decides that it was the last attempt, and the pause
// between two attempts is the queue's: nothing waits in memory.
func (d *Delivery) route(ctx context.Context) (*router, error) {
	m, err := message.NewRouter(message.RouterConfig{CloseTimeout: closeTimeout}, watermill.NewSlogLoggerWithLevelMapping(d.Logger, quietly))
	if err != nil {
		return nil, err
	}
	r := &router{Router: m}
	planner, err := d.newPlanner(ctx)
	if err != nil {
		return nil, err
	}
	r.events, err = logsubscriber.New(logsubscriber.Config{Log: d.Log, Checkpoints: &checkpoints{store: d.Store}, Wants: planner.wants, Logger: d.Logger})
	if err != nil {
		return nil, err
	}
	r.add("plan events", "", r.events, planner.handle, middleware.Recoverer)

	park, err := middleware.PoisonQueueWithFilter(d.Store.Parker(), "parked", func(err error) bool {
		return errors.As(err, new(*finalError))
	})
	if err != nil {
		return nil, err
	}
	deliver := func(topic string, atOnce int, send send) {
		waiting := queue.NewSubscriber(d.Store, queue.SubscriberOptions{
			InFlight: atOnce, MaxAttempts: d.Retries.Attempts, Backoff: d.Retries.Backoff, CloseTimeout: closeTimeout / 3,
			Parked: func(queue.Item) { d.metrics.count(topic, "parked") },
			Now:    d.Now, Logger: d.Logger,
		})
		r.add("deliver "+topic, topic, waiting, d.deliverer(topic, send), queue.Reasons, d.counted(topic), park, d.last, middleware.Recoverer)
	}
	if d.Mail != nil { // otherwise copies wait, and lapse
		deliver(emailTopic, LettersAtOnce, func(ctx context.Context, item queue.Item, _ int) (outcome, error) { return d.email(ctx, item) })
	}
	deliver(webhookTopic, callsAtOnce, d.call)
	deliver(planTopic, 1, func(ctx context.Context, item queue.Item, _ int) (outcome, error) {
		return "planned", planner.again(ctx, item)
	})
	return r, nil
}

func (r *router) add(name, topic string, subscriber message.Subscriber, handle message.NoPublishHandlerFunc, steps ...message.HandlerMiddleware) {
	w := &willing{Subscriber: subscriber}
	h := r.AddConsumerHandler(name, topic, w, handle)
	h.AddMiddleware(steps...)
	r.handlers, r.subscribers = append(r.handlers, h), append(r.subscribers, w)
}

// failed is why a handler ended by itself.
func (r *router) failed() error {
	err := r.events.Err()
	for _, w := range r.subscribers {
		err = errors.Join(err, w.failed)
	}
	return err
}

// willing never fails to subscribe: a router that begins half way waits at its end
// for handlers that never were. The handler ends instead, and with it the router.
type willing struct {
	message.Subscriber
	failed error
}

func (w *willing) Subscribe(ctx context.Context, topic string) (messages <-chan *message.Message, err error) {
	if messages, w.failed = w.Subscriber.Subscribe(ctx, topic); w.failed == nil {
		return messages, nil
	}
	none := make(chan *message.Message)
	close(none)
	return none, nil
}

// deliverer is the handler of one topic.
func (d *Delivery) deliverer(topic string, send send) message.NoPublishHandlerFunc {
	return func(msg *message.Message) error {
		item, attempt, err := queue.ItemOf(msg)
		if err != nil {
			return &finalError{err}
		}
		began := time.Now()
		done, err := send(msg.Context(), item, attempt)
		d.metrics.took(topic, time.Since(began))
		if errors.Is(err, errNoEvent) {
			done, err = "dropped_no_event", nil
		}
		if err != nil {
			return err
		}
		d.metrics.count(topic, done)
		return nil
	}
}

// finalError is one after which there is no further attempt.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }
func (e *finalError) Unwrap() error { return e.err }

// last makes an error final where another attempt would fail in the same way, or
// there have been enough.
func (d *Delivery) last(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		produced, err := next(msg)
		if err == nil || msg.Context().Err() != nil { // it was we who broke it off
			return produced, err
		}
		_, attempt, _ := queue.ItemOf(msg)
		if attempt >= d.Retries.Attempts || errors.As(err, new(*mail.PermanentError)) || errors.As(err, new(*hook.PermanentError)) {
			return produced, &finalError{fmt.Errorf("attempt %d: %w", attempt, err)}
		}
		return produced, err
	}
}

// counted counts what is parked and what is tried again, and tells the log.
func (d *Delivery) counted(topic string) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(msg *message.Message) ([]*message.Message, error) {
			produced, err := next(msg)
			reason := msg.Metadata.Get(middleware.ReasonForPoisonedKey)
			switch {
			case err != nil:
				d.metrics.count(topic, "again")
			case reason != "":
				d.metrics.count(topic, "parked")
			default:
				return produced, nil
			}
			if item, attempt, unread := queue.ItemOf(msg); unread == nil {
				d.Logger.Warn("not delivered", "recipient", item.Recipient, "correlation", item.Correlation, "delivery", item.ID, "stream", item.Stream, "revision", item.Revision,
					"attempt", attempt, "parked", err == nil, "error", errors.Join(err, reasonError(reason)))
			}
			return produced, err
		}
	}
}

func reasonError(reason string) error {
	if reason == "" {
		return nil
	}
	return errors.New(reason)
}

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

// closeTimeout bounds how long what is on its way may take to finish: a third of it
// undisturbed, and another third after its context has ended.
const closeTimeout = 15 * time.Second

// quietly keeps what Watermill tells for those who look closely: what fails is
// logged here, with what an operator needs to know.
var quietly = map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug, slog.LevelError: slog.LevelDebug}

// outcome is what became of an item that is done with.
type outcome string

const sent outcome = "sent"

// send does what an item asks for, or fails.
type send func(ctx context.Context, item queue.Item, attempt int) (outcome, error)

// route wires the log to the plan, and the queue to the senders:
//
//	log ─▶ plan ─▶ queue ─▶ count ─▶ park ─▶ final ─▶ recover ─▶ send
//
// Each name is a step that a message goes through, outermost first. What parks
// stands outside of what decides that it was the last attempt, and the pause
// between two attempts is the queue's: nothing waits in memory.
func (d *Delivery) route() (*message.Router, error) {
	logger := watermill.NewSlogLoggerWithLevelMapping(d.Logger, quietly)
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: closeTimeout}, logger)
	if err != nil {
		return nil, err
	}
	events, err := logsubscriber.New(logsubscriber.Config{Log: d.Log, Checkpoints: checkpoints{d.Store}, Logger: d.Logger})
	if err != nil {
		return nil, err
	}
	planner, err := d.newPlanner(context.Background())
	if err != nil {
		return nil, err
	}
	router.AddConsumerHandler("plan events", "", events, planner.handle).AddMiddleware(middleware.CorrelationID, middleware.Recoverer)

	park, err := middleware.PoisonQueueWithFilter(d.Store.Parker(), "parked", func(err error) bool {
		return errors.As(err, new(*finalError))
	})
	if err != nil {
		return nil, err
	}
	waiting := queue.NewSubscriber(d.Store, queue.SubscriberOptions{MaxAttempts: d.Retries.Attempts, Backoff: d.Retries.Backoff, CloseTimeout: closeTimeout / 3, Now: d.Now, Logger: d.Logger})
	for topic, send := range map[string]send{
		emailTopic:   func(ctx context.Context, item queue.Item, _ int) (outcome, error) { return d.email(ctx, item) },
		webhookTopic: d.call,
		planTopic: func(ctx context.Context, item queue.Item, _ int) (outcome, error) {
			return "planned", planner.again(ctx, item)
		},
	} {
		router.AddConsumerHandler("deliver "+topic, topic, waiting, d.deliverer(topic, send)).
			AddMiddleware(middleware.CorrelationID, queue.Reasons, d.counted(topic), park, d.last, middleware.Recoverer)
	}
	return router, nil
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
				d.Logger.Warn("not delivered", "recipient", item.Recipient, "delivery", item.ID, "stream", item.Stream, "revision", item.Revision,
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

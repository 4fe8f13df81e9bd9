package queue

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

const closeTimeout = 5 * time.Second

// eachEnd ends a subscription in each way there is, while the last attempt of one
// message is handed out and another message is not. The first one's recipient does
// something until then; check gets what the file says of it afterwards, nil where
// it has nothing left.
func eachEnd(t *testing.T, recipient func(*Store, *message.Message), check func(*testing.T, *Recipient)) {
	for name, end := range map[string]func(*Store, *Subscriber, context.CancelFunc){
		"Close":             func(_ *Store, s *Subscriber, _ context.CancelFunc) { s.Close() },
		"Store.Close":       func(s *Store, _ *Subscriber, _ context.CancelFunc) { s.Close() },
		"context":           func(_ *Store, _ *Subscriber, cancel context.CancelFunc) { cancel() },
		"Close and context": func(_ *Store, s *Subscriber, cancel context.CancelFunc) { go s.Close(); cancel() },
	} {
		path := place(t)
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := owner(t, path)
				subscriber := NewSubscriber(s, SubscriberOptions{CloseTimeout: closeTimeout, MaxAttempts: 1})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				messages, err := subscriber.Subscribe(ctx, "email")
				must(t, err)
				plan(t, s, item("email", "email-a", 1))
				handed := expect(t, next(messages), item("email", "email-a", 1), 1)
				plan(t, s, item("email", "email-b", 1))
				synctest.Wait() // it is taken, and nobody has it
				if all := waiting(t, s); len(all) != 2 || all[1].Attempts != 1 {
					t.Fatalf("there is %+v", all)
				}
				start := time.Now()
				go recipient(s, handed)
				end(s, subscriber, cancel)
				for range messages {
					t.Error("a message came after the end")
				}
				if took := time.Since(start); took > 2*closeTimeout {
					t.Errorf("the end took %s", took)
				}
				must(t, s.Close())
				handed.Ack() // long after; nobody listens
			})
			all := waiting(t, open(t, path))
			if len(all) == 0 || all[len(all)-1].Recipient != "email-b" || all[len(all)-1].Attempts != 0 {
				t.Fatalf("there is %+v; what was not handed out is as if never taken", all)
			}
			if len(all) == 1 {
				check(t, nil)
			} else {
				check(t, &all[0])
			}
		})
	}
}

// A handler that honours its context is not disturbed either: Watermill's router
// ends the context of the subscription when its Close begins.
func TestTheEndWaitsForAnswers(t *testing.T) {
	eachEnd(t, func(_ *Store, msg *message.Message) {
		select {
		case <-time.After(closeTimeout - time.Second):
			msg.Ack()
		case <-msg.Context().Done():
			msg.Nack()
		}
	}, func(t *testing.T, r *Recipient) {
		if r != nil {
			t.Errorf("what was delivered during the end is there: %+v", r)
		}
	})
}

func TestARouterThatClosesDisturbsNothing(t *testing.T) {
	path := place(t)
	synctest.Test(t, func(t *testing.T) {
		s := owner(t, path)
		router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 3 * closeTimeout}, watermill.NopLogger{})
		must(t, err)
		begun, ended := make(chan struct{}), make(chan error, 1)
		router.AddConsumerHandler("send", "email", NewSubscriber(s, SubscriberOptions{CloseTimeout: closeTimeout}), func(msg *message.Message) error {
			close(begun)
			select {
			case <-time.After(time.Second):
			case <-msg.Context().Done():
			}
			ended <- msg.Context().Err()
			return msg.Context().Err()
		})
		go router.Run(context.Background())
		<-router.Running()
		plan(t, s, item("email", "email-a", 1))
		<-begun
		must(t, router.Close())
		must(t, <-ended)
		must(t, s.Close())
	})
	if all := waiting(t, open(t, path)); len(all) != 0 {
		t.Errorf("there is %+v", all)
	}
}

// asIfNeverTaken is for what a clean end broke off. A process that is stopped again
// and again must not use up attempts of what takes long.
func asIfNeverTaken(t *testing.T, r *Recipient) {
	if r == nil || r.Attempts != 0 || r.Parked || !r.Due.Equal(r.Since) || r.Reason != "" {
		t.Errorf("what was broken off is %+v", r)
	}
}

func TestWhatTheEndBrokeOffWasNoAttempt(t *testing.T) {
	eachEnd(t, func(_ *Store, msg *message.Message) {
		<-msg.Context().Done()
		msg.Nack()
	}, asIfNeverTaken)
}

func TestTheEndDoesNotWaitForEver(t *testing.T) {
	eachEnd(t, func(*Store, *message.Message) {}, asIfNeverTaken)
}

// Nor does a poison queue park it, which a last attempt may end in.
func TestWhatTheEndBrokeOffIsNotParked(t *testing.T) {
	var failures atomic.Int32
	eachEnd(t, func(s *Store, msg *message.Message) {
		poison, err := middleware.PoisonQueue(s.Parker(), "parked")
		if err != nil {
			panic(err)
		}
		_, err = poison(func(msg *message.Message) ([]*message.Message, error) {
			<-msg.Context().Done()
			return nil, msg.Context().Err()
		})(msg)
		if err != nil {
			failures.Add(1)
			msg.Nack()
		}
		msg.Ack()
	}, asIfNeverTaken)
	if n := failures.Load(); n != 4 {
		t.Errorf("%d of 4 were not parked", n)
	}
}

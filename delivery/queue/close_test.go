package queue

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

func TestOnlyTheOwnerPlansAndDelivers(t *testing.T) {
	ctx, s := context.Background(), open(t, place(t))
	for name, err := range map[string]error{
		"Plan":           s.Plan(ctx, Plan{Through: Checkpoint{Position: "1"}}),
		"SaveCheckpoint": s.SaveCheckpoint(ctx, Checkpoint{Position: "1"}),
		"Restart":        s.Restart(ctx, "start"),
	} {
		if !errors.Is(err, ErrNotOwner) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSubscriber(s, SubscriberOptions{}).Subscribe(ctx, "email"); !errors.Is(err, ErrNotOwner) {
		t.Errorf("Subscribe: %v", err)
	}
}

func TestAClosedStoreAndSubscriberSaySo(t *testing.T) {
	ctx, s := context.Background(), owner(t, place(t))
	subscriber := NewSubscriber(s, SubscriberOptions{})
	messages, err := subscriber.Subscribe(ctx, "email")
	must(t, err)
	must(t, subscriber.Close())
	must(t, subscriber.Close())
	if _, open := <-messages; open {
		t.Error("a message came out of a closed subscriber")
	}
	if _, err := subscriber.Subscribe(ctx, "email"); err == nil {
		t.Error("a closed subscriber subscribed")
	}
	other := NewSubscriber(s, SubscriberOptions{})
	messages, err = other.Subscribe(ctx, "email")
	must(t, err)
	must(t, s.Close())
	must(t, s.Close())
	if _, open := <-messages; open {
		t.Error("a message came out of a closed store")
	}
	if _, err := other.Subscribe(ctx, "email"); !errors.Is(err, ErrClosed) {
		t.Errorf("Subscribe: %v", err)
	}
	if err := s.Plan(ctx, Plan{Through: Checkpoint{Position: "1"}}); !errors.Is(err, ErrClosed) {
		t.Errorf("Plan: %v", err)
	}
	if _, err := s.Retry(ctx, "email-a"); !errors.Is(err, ErrClosed) {
		t.Errorf("Retry: %v", err)
	}
	if err := s.Own(); !errors.Is(err, ErrClosed) {
		t.Errorf("Own: %v", err)
	}
}

const closeTimeout = 5 * time.Second

// eachEnd ends a subscription in each way there is, while one message is handed out
// and another is not. The first one's recipient does something until then; check
// gets what the file says of it afterwards, nil where it has nothing left.
func eachEnd(t *testing.T, recipient func(*message.Message), check func(*testing.T, *Recipient)) {
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
				subscriber := NewSubscriber(s, SubscriberOptions{CloseTimeout: closeTimeout})
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
				go recipient(handed)
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

func TestTheEndWaitsForAnswers(t *testing.T) {
	eachEnd(t, func(msg *message.Message) {
		time.Sleep(closeTimeout - time.Second)
		msg.Ack()
	}, func(t *testing.T, r *Recipient) {
		if r != nil {
			t.Errorf("what was delivered during the end is there: %+v", r)
		}
	})
}

func TestWhatTheEndBrokeOffIsDueAndCounted(t *testing.T) {
	eachEnd(t, func(msg *message.Message) {
		<-msg.Context().Done()
		msg.Nack()
	}, func(t *testing.T, r *Recipient) {
		if r == nil || r.Attempts != 1 || r.Parked || !r.Due.Equal(r.Since) {
			t.Errorf("what was broken off is %+v", r)
		}
	})
}

func TestTheEndDoesNotWaitForEver(t *testing.T) {
	eachEnd(t, func(*message.Message) {}, func(t *testing.T, r *Recipient) {
		if r == nil || r.Attempts != 1 || r.Parked || !r.Due.Equal(r.Since) {
			t.Errorf("what was not answered is %+v", r)
		}
	})
}

package queue

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// subscribe starts a subscription that ends with the test.
func subscribe(tb testing.TB, s *Store, topic string, options SubscriberOptions) (<-chan *message.Message, *Subscriber) {
	tb.Helper()
	subscriber := NewSubscriber(s, options)
	messages, err := subscriber.Subscribe(context.Background(), topic)
	must(tb, err)
	tb.Cleanup(func() { subscriber.Close() })
	return messages, subscriber
}

// next is the message that is there once nothing else moves; nil: there is none.
func next(messages <-chan *message.Message) *message.Message {
	synctest.Wait()
	select {
	case msg := <-messages:
		return msg
	default:
		return nil
	}
}

func expect(tb testing.TB, msg *message.Message, want Item, attempt int) *message.Message {
	tb.Helper()
	if msg == nil {
		tb.Fatalf("nothing came; want attempt %d of item %d for %s", attempt, want.Revision, want.Recipient)
	}
	got, n, err := ItemOf(msg)
	must(tb, err)
	if got != want || n != attempt || msg.UUID != want.ID.String() || middleware.MessageCorrelationID(msg) != want.Correlation {
		tb.Fatalf("attempt %d of %+v came; want attempt %d of %+v", n, got, attempt, want)
	}
	return msg
}

func expectNothing(tb testing.TB, messages <-chan *message.Message) {
	tb.Helper()
	if msg := next(messages); msg != nil {
		tb.Fatalf("message %s came", msg.Payload)
	}
}

func TestOneAtATimePerRecipientAndOthersBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := owner(t, place(t))
		messages, _ := subscribe(t, s, "email", SubscriberOptions{InFlight: 2, Poll: time.Hour})
		a1, a2, b1, c1 := item("email", "email-a", 1), item("email", "email-a", 2), item("email", "email-b", 1), item("email", "email-c", 1)
		plan(t, s, a1, a2, item("webhook", "webhook-z", 1))
		first := expect(t, next(messages), a1, 1)
		expectNothing(t, messages) // a2 waits for a1
		plan(t, s, b1, c1)         // and wakes, whatever the poll is
		second := expect(t, next(messages), b1, 1)
		expectNothing(t, messages) // two are in flight
		second.Ack()
		expect(t, next(messages), c1, 1).Ack()
		expectNothing(t, messages)
		first.Ack()
		expect(t, next(messages), a2, 1).Ack()
		expectNothing(t, messages)
		if all := waiting(t, s); len(all) != 1 || all[0].Topic != "webhook" {
			t.Errorf("there is %+v", all)
		}
		if first.Context().Err() == nil {
			t.Error("the context of an answered message goes on")
		}
	})
}

func TestANackComesAgainAfterItsPauseAndIsParkedAfterTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := owner(t, place(t))
		var asked []int
		messages, _ := subscribe(t, s, "email", SubscriberOptions{MaxAttempts: 3, Backoff: func(attempt int) time.Duration {
			asked = append(asked, attempt)
			return time.Duration(attempt) * 10 * time.Second
		}})
		one, two := item("email", "email-a", 1), item("email", "email-a", 2)
		plan(t, s, one, two)
		for attempt := 1; attempt <= 3; attempt++ {
			msg := expect(t, next(messages), one, attempt)
			msg.Nack()
			expectNothing(t, messages)
			if attempt < 3 {
				time.Sleep(time.Duration(attempt)*10*time.Second - time.Millisecond)
				expectNothing(t, messages)
				time.Sleep(time.Millisecond)
			}
		}
		time.Sleep(time.Hour)
		expectNothing(t, messages)
		all := waiting(t, s)
		if len(all) != 1 || !all[0].Parked || all[0].Attempts != 3 || all[0].Items != 2 || all[0].Reason != usedUp {
			t.Errorf("there is %+v", all)
		}
		if len(asked) != 3 {
			t.Errorf("the pause was asked for after %v", asked)
		}
		found, err := s.Retry(t.Context(), "email-a")
		must(t, err)
		if !found {
			t.Error("the parked one was not found")
		}
		expect(t, next(messages), one, 1).Ack()
		expect(t, next(messages), two, 1).Ack()
		expectNothing(t, messages)
	})
}

// What became of an item is not forgotten when the file cannot take it at once, as
// with a full disk.
func TestAnAnswerThatCannotBeWrittenIsWrittenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := owner(t, place(t))
		messages, _ := subscribe(t, s, "email", SubscriberOptions{Poll: time.Minute, Logger: slog.New(slog.DiscardHandler)})
		plan(t, s, item("email", "email-a", 1), item("email", "email-a", 2))
		msg := expect(t, next(messages), item("email", "email-a", 1), 1)
		script := func(text string) {
			must(t, s.change(t.Context(), func(tx *transaction) error { return tx.script(text) }))
		}
		script("create trigger full before delete on item begin select raise(abort, 'full'); end")
		msg.Ack()
		expectNothing(t, messages)
		script("drop trigger full")
		expectNothing(t, messages)
		time.Sleep(time.Minute)
		expect(t, next(messages), item("email", "email-a", 2), 1).Ack()
		expectNothing(t, messages)
	})
}

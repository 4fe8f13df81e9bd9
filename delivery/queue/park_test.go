package queue

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// An operator mends what is wrong and retries, not knowing that the last attempt is
// under way. What comes of that says nothing about what was mended.
func TestARetryDuringTheLastAttemptIsNotLost(t *testing.T) {
	for name, fail := range map[string]func(*testing.T, *Store, *message.Message){
		"Nack": func(_ *testing.T, _ *Store, msg *message.Message) { msg.Nack() },
		"poison queue": func(t *testing.T, s *Store, msg *message.Message) {
			poison, err := middleware.PoisonQueue(s.Parker(), "parked")
			must(t, err)
			_, err = poison(func(*message.Message) ([]*message.Message, error) { return nil, errors.New("no route") })(msg)
			if err != nil { // as the router does
				msg.Nack()
			}
			msg.Ack()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := owner(t, place(t))
				messages, _ := subscribe(t, s, "email", SubscriberOptions{MaxAttempts: 1})
				one, two := item("email", "email-a", 1), item("email", "email-a", 2)
				plan(t, s, one, two)
				last := expect(t, next(messages), one, 1)
				if found, err := s.Retry(t.Context(), "email-a"); !found || err != nil {
					t.Fatal(found, err)
				}
				fail(t, s, last)
				last = expect(t, next(messages), one, 1)
				fail(t, s, last) // nobody retried that one
				expectNothing(t, messages)
				if all := waiting(t, s); len(all) != 1 || !all[0].Parked || all[0].Items != 2 {
					t.Errorf("there is %+v", all)
				}
			})
		})
	}
}

func TestAnAckAfterParkingAndARetryBetweenSaysNothing(t *testing.T) {
	inFlight(t, func(t *testing.T, s *Store, first *message.Message, messages <-chan *message.Message) {
		first.Metadata.Set(middleware.ReasonForPoisonedKey, "550 no such\r\nuser "+strings.Repeat("x", 1000))
		must(t, s.Parker().Publish("parked", first))
		all := waiting(t, s)
		if len(all) != 1 || !all[0].Parked || !strings.HasPrefix(all[0].Reason, "550 no such  user xxx") || len(all[0].Reason) > maxReason+len("…") {
			t.Fatalf("there is %+v", all)
		}
		if n, err := s.RetryAll(t.Context()); n != 1 || err != nil {
			t.Errorf("%d were retried, %v", n, err)
		}
		second := expect(t, next(messages), item("email", "email-a", 1), 1)
		first.Ack() // of the attempt that was parked
		expectNothing(t, messages)
		if all := waiting(t, s); len(all) != 1 || all[0].Items != 3 {
			t.Fatalf("there is %+v", all)
		}
		must(t, s.Parker().Publish("parked", first)) // nor does it park again
		if all := waiting(t, s); all[0].Parked {
			t.Fatalf("there is %+v", all)
		}
		second.Ack()
		expect(t, next(messages), item("email", "email-a", 2), 1).Ack()
	})
}

func TestOnlyMessagesOfASubscriberAreParked(t *testing.T) {
	s := owner(t, place(t))
	if err := s.Parker().Publish("parked", message.NewMessage("1", []byte("{}"))); err == nil {
		t.Error("a message from elsewhere was parked")
	}
}

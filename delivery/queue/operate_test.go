package queue

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// inFlight runs f while the first of a recipient's three items is being delivered.
func inFlight(t *testing.T, f func(t *testing.T, s *Store, first *message.Message, messages <-chan *message.Message)) {
	synctest.Test(t, func(t *testing.T) {
		s := owner(t, place(t))
		messages, _ := subscribe(t, s, "email", SubscriberOptions{Backoff: func(int) time.Duration { return time.Minute }})
		plan(t, s, item("email", "email-a", 1), item("email", "email-a", 2), item("email", "email-a", 3))
		f(t, s, expect(t, next(messages), item("email", "email-a", 1), 1), messages)
	})
}

func TestADropDuringADeliveryHasTheNextWaitForItsEnd(t *testing.T) {
	for name, answer := range map[string]func(*message.Message) bool{"Ack": (*message.Message).Ack, "Nack": (*message.Message).Nack} {
		t.Run(name, func(t *testing.T) {
			inFlight(t, func(t *testing.T, s *Store, first *message.Message, messages <-chan *message.Message) {
				n, err := s.Drop(t.Context(), "email-a", false)
				if n != 1 || err != nil {
					t.Fatalf("%d dropped, %v", n, err)
				}
				expectNothing(t, messages)
				answer(first)
				expect(t, next(messages), item("email", "email-a", 2), 1).Ack()
				expect(t, next(messages), item("email", "email-a", 3), 1).Ack()
			})
		})
	}
}

func TestWhatComesAfterADropOfAllWaitsForTheDeliveryToo(t *testing.T) {
	inFlight(t, func(t *testing.T, s *Store, first *message.Message, messages <-chan *message.Message) {
		n, err := s.Drop(t.Context(), "email-a", true)
		if n != 3 || err != nil {
			t.Fatalf("%d dropped, %v", n, err)
		}
		if all := waiting(t, s); len(all) != 0 {
			t.Fatalf("there is %+v", all)
		}
		plan(t, s, item("email", "email-a", 4))
		expectNothing(t, messages)
		first.Nack()
		expect(t, next(messages), item("email", "email-a", 4), 1).Ack()
		expectNothing(t, messages)
		if counts, err := s.Counts(t.Context()); counts["email"] != (Count{}) || err != nil {
			t.Errorf("the counts are %v, %v", counts, err)
		}
	})
}

func TestARetryDuringADeliveryEndsThePauseAfterIt(t *testing.T) {
	inFlight(t, func(t *testing.T, s *Store, first *message.Message, messages <-chan *message.Message) {
		found, err := s.Retry(t.Context(), "email-a")
		if !found || err != nil {
			t.Fatal(found, err)
		}
		expectNothing(t, messages)
		first.Nack()
		expect(t, next(messages), item("email", "email-a", 1), 1).Nack() // with all its attempts
		expectNothing(t, messages)                                       // but now it waits
		found, err = s.Retry(t.Context(), "email-a")
		if !found || err != nil {
			t.Fatal(found, err)
		}
		expect(t, next(messages), item("email", "email-a", 1), 1).Ack()
	})
}

func TestAnAckAfterParkingAndARetryBetweenSaysNothing(t *testing.T) {
	inFlight(t, func(t *testing.T, s *Store, first *message.Message, messages <-chan *message.Message) {
		first.Metadata.Set(middleware.ReasonForPoisonedKey, "550 no such\r\nuser "+strings.Repeat("x", 1000))
		must(t, s.Parker().Publish("parked", first))
		all := waiting(t, s)
		if len(all) != 1 || !all[0].Parked || !strings.HasPrefix(all[0].Reason, "550 no such  user xxx") || len(all[0].Reason) > maxReason+len("…") {
			t.Fatalf("there is %+v", all)
		}
		if n, err := s.RetryAll(t.Context(), "webhook"); n != 0 || err != nil {
			t.Errorf("%d of another topic were retried, %v", n, err)
		}
		if n, err := s.RetryAll(t.Context(), "email"); n != 1 || err != nil {
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

func TestReasonsAreSeenWhileARecipientWaits(t *testing.T) {
	inFlight(t, func(t *testing.T, s *Store, first *message.Message, messages <-chan *message.Message) {
		_, err := Reasons(func(*message.Message) ([]*message.Message, error) { return nil, fmt.Errorf("451 come\nlater") })(first)
		if err == nil {
			t.Fatal("the error went")
		}
		first.Nack()
		expectNothing(t, messages)
		if all := waiting(t, s); len(all) != 1 || all[0].Parked || all[0].Reason != "451 come later" || time.Until(all[0].Due) != time.Minute {
			t.Errorf("there is %+v", all)
		}
	})
}

func TestRecipientsAreListedInPages(t *testing.T) {
	ctx, s := context.Background(), owner(t, place(t))
	for n := range 5 {
		plan(t, s, item("email", fmt.Sprint("email-", n), 1), item("email", fmt.Sprint("email-", n), 2))
	}
	must(t, s.change(ctx, func(tx *transaction) error {
		_, err := tx.exec("update recipient set parked = 1 where name in ('email-1', 'email-4')")
		return err
	}))
	for _, c := range []struct {
		parked bool
		after  string
		limit  int
		want   string
	}{
		{false, "", 2, "email-0 email-1"}, {false, "email-1", 2, "email-2 email-3"}, {false, "email-3", 2, "email-4"},
		{true, "", 0, "email-1 email-4"}, {true, "email-1", 1, "email-4"}, {true, "email-4", 1, ""},
	} {
		all, err := s.Recipients(ctx, c.parked, c.after, c.limit)
		must(t, err)
		var names []string
		for _, r := range all {
			names = append(names, r.Recipient)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("parked %v after %q, %d: %s; want %s", c.parked, c.after, c.limit, got, c.want)
		}
	}
	want := Count{Items: 10, Recipients: 5, ParkedItems: 4, ParkedRecipients: 2}
	if counts, err := s.Counts(ctx); counts["email"] != want || err != nil {
		t.Errorf("the counts are %v, %v", counts, err)
	}
	if found, err := s.Retry(ctx, "email-9"); found || err != nil {
		t.Errorf("nobody was retried: %v, %v", found, err)
	}
	if n, err := s.Drop(ctx, "email-9", true); n != 0 || err != nil {
		t.Errorf("%d of nobody's were dropped, %v", n, err)
	}
}

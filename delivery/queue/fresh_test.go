package queue

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// stall keeps each message of a recipient that stalls for a minute, and says of the
// others whom they are for.
func stall(messages <-chan *message.Message, others chan<- string) {
	for msg := range messages {
		i, _, err := ItemOf(msg)
		if err != nil {
			panic(err)
		}
		if i.Stream != "stalls" {
			msg.Ack()
			others <- i.Recipient
			continue
		}
		go func() {
			time.Sleep(time.Minute)
			msg.Nack()
		}()
	}
}

// Sixteen recipients stall, on eight slots, and are due again as soon as they have
// failed. A new item goes out at once when each of them has been tried.
func TestRecipientsWhoStallLeaveRoomForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := owner(t, place(t))
		messages, subscriber := subscribe(t, s, "email", SubscriberOptions{InFlight: 8, MaxAttempts: 1000,
			Backoff: func(int) time.Duration { return time.Second }, CloseTimeout: 2 * time.Minute})
		defer subscriber.Close()
		others := make(chan string, 100)
		go stall(messages, others)
		for n := range 16 {
			i := item("email", fmt.Sprint("email-stalls-", n), 1)
			i.Stream = "stalls"
			plan(t, s, i)
		}
		time.Sleep(10 * time.Minute)
		for n := range 20 {
			name := fmt.Sprint("email-", n)
			plan(t, s, item("email", name, 1))
			synctest.Wait()
			select {
			case got := <-others:
				if got != name {
					t.Errorf("%s came, not %s", got, name)
				}
			default:
				t.Fatalf("%s waits for those who stall", name)
			}
			time.Sleep(7 * time.Second)
		}
		for _, r := range waiting(t, s) { // and they get their turns
			if r.Attempts < 3 {
				t.Errorf("%s was tried %d times", r.Recipient, r.Attempts)
			}
		}
	})
}

func TestHowMuchIsKeptForWhatIsNew(t *testing.T) {
	for _, c := range []struct{ inFlight, fresh, want int }{{0, 0, 16}, {8, 0, 2}, {8, 3, 3}, {3, 0, 0}, {4, 9, 3}, {1, 1, 0}} {
		if o := (SubscriberOptions{InFlight: c.inFlight, Fresh: c.fresh}).withDefaults(); o.Fresh != c.want {
			t.Errorf("of %d, %d: %d are kept, not %d", c.inFlight, c.fresh, o.Fresh, c.want)
		}
	}
}

// A turn that finds something due for which there is no room does not come again
// at once.
func TestWhatThereIsNoRoomForIsNotDue(t *testing.T) {
	s := owner(t, place(t))
	plan(t, s, item("email", "email-a", 1), item("email", "email-b", 1))
	must(t, s.change(t.Context(), func(tx *transaction) error {
		_, err := tx.exec("update recipient set attempts = 1")
		return err
	}))
	for _, c := range []struct {
		room  room
		taken int
		next  bool
	}{{room{2, 0}, 0, false}, {room{2, 1}, 1, false}, {room{1, 1}, 1, false}} {
		found, err := s.turn(nil, "email", c.room, 9, time.Now())
		if err != nil || len(found.taken) != c.taken || found.next.IsZero() == c.next {
			t.Errorf("%+v: %+v, %v", c.room, found, err)
		}
	}
}

package queue

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIsTooOldLapses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := owner(t, place(t))
		messages, _ := subscribe(t, s, "email", SubscriberOptions{MaxAttempts: 1})
		lapse := func(before, want int) {
			t.Helper()
			if n, err := s.Lapse(t.Context(), "email", item("", "", before).Time); n != want || err != nil {
				t.Errorf("%d lapsed, %v; want %d", n, err, want)
			}
		}
		old, newer := item("email", "email-flies", 1), item("email", "email-flies", 5)
		plan(t, s, old, item("email", "email-flies", 2), item("email", "email-flies", 3), newer)
		flies := expect(t, next(messages), old, 1)
		plan(t, s, item("email", "email-parked", 1), item("email", "email-parked", 2), item("email", "email-parked", 5))
		expect(t, next(messages), item("email", "email-parked", 1), 1).Nack()
		plan(t, s, item("email", "email-all", 1), item("email", "email-all", 2))
		expect(t, next(messages), item("email", "email-all", 1), 1).Nack()
		plan(t, s, item("webhook", "webhook-z", 1))
		expectNothing(t, messages)
		lapse(1, 0)
		lapse(2, 2) // what is being delivered stays
		another := expect(t, next(messages), item("email", "email-parked", 2), 1)
		again := expect(t, next(messages), item("email", "email-all", 2), 1)
		lapse(5, 2) // between what is being delivered and what is new enough
		for name, items := range map[string]int{"email-all": 1, "email-flies": 2, "email-parked": 2, "webhook-z": 1} {
			for _, r := range waiting(t, s) {
				if r.Recipient == name && r.Items != items {
					t.Errorf("%s has %d items, not %d", name, r.Items, items)
				}
			}
		}
		again.Ack()
		another.Nack() // which parks, and has the rest behind it
		flies.Ack()
		expect(t, next(messages), newer, 1).Ack()
		expectNothing(t, messages)
		lapse(5, 1)
		expect(t, next(messages), item("email", "email-parked", 5), 1).Nack()
		expectNothing(t, messages)
		lapse(6, 1)
		if all := waiting(t, s); len(all) != 1 || all[0].Topic != "webhook" {
			t.Errorf("there is %+v", all)
		}
		if counts, err := s.Counts(t.Context()); counts["email"] != (Count{}) || err != nil {
			t.Errorf("the counts are %v, %v", counts, err)
		}
	})
}

func TestALapseOfManyIsMoreThanOneTransaction(t *testing.T) {
	s := owner(t, place(t))
	var items []Item
	for n := range operateRows + 200 {
		items = append(items, item("email", fmt.Sprint("email-", n%3), n))
	}
	plan(t, s, items...)
	latest := items[len(items)-1].Time
	must(t, s.change(t.Context(), func(tx *transaction) error {
		n, err := tx.lapse("email", latest, time.Now())
		if n != operateRows {
			t.Errorf("%d lapsed in one transaction", n)
		}
		return err
	}))
	if n, err := s.Lapse(t.Context(), "email", latest); n != 199 || err != nil {
		t.Errorf("%d more lapsed, %v", n, err)
	}
	if all := waiting(t, s); len(all) != 1 || all[0].First != items[len(items)-1] {
		t.Errorf("there is %+v", all)
	}
}

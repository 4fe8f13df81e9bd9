package queue

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// roomFor limits the file to the pages it has, and so many more.
func roomFor(t *testing.T, s *Store, more int) {
	t.Helper()
	must(t, s.writer.change(func(tx *transaction) error {
		var pages int
		if err := tx.row("select page_count from pragma_page_count").Scan(&pages); err != nil {
			return err
		}
		return tx.script(fmt.Sprint("pragma max_page_count = ", pages+more))
	}))
}

// On a full disk a plan is refused whole, and so is a secret. What was planned before
// is delivered, since that needs no room, and with room again the same plan and the
// same secret are taken, once.
func TestAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := owner(t, place(t))
		plan(t, s, item("email", "email-a", 1), item("email", "email-a", 2))
		roomFor(t, s, 0)
		big := Plan{Through: Checkpoint{Position: "p2", Event: "e2"}}
		for n := range 60 {
			big.Items = append(big.Items, item("email", "email-b", n))
		}
		for range 3 {
			if err := s.Plan(t.Context(), big); err == nil {
				t.Fatal("planned without room")
			}
			if at, _, err := s.Checkpoint(t.Context()); err != nil || at.Position != "p" {
				t.Fatalf("the checkpoint is %+v, %v", at, err)
			}
		}
		messages, _ := subscribe(t, s, "email", SubscriberOptions{Poll: time.Minute, Logger: slog.New(slog.DiscardHandler)})
		expect(t, next(messages), item("email", "email-a", 1), 1).Ack()
		expect(t, next(messages), item("email", "email-a", 2), 1).Ack()
		expectNothing(t, messages)
		var id, webhook uuid.UUID
		kept := 0
		for err := error(nil); err == nil; kept++ {
			id, webhook = uuid.New(), uuid.New()
			err = s.KeepSecret(t.Context(), id, webhook, strings.Repeat("s", 200))
		}
		if _, there, err := s.Secret(t.Context(), id); there || err != nil || kept > 1000 {
			t.Errorf("the last of %d secrets is there: %t, %v", kept, there, err)
		}

		roomFor(t, s, 1000)
		must(t, s.KeepSecret(t.Context(), id, webhook, strings.Repeat("s", 200)))
		for range 2 {
			must(t, s.Plan(t.Context(), big))
		}
		for n := range 60 {
			expect(t, next(messages), item("email", "email-b", n), 1).Ack()
		}
		expectNothing(t, messages)
	})
}

package queue

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestItemsAndCheckpointArePlannedTogether(t *testing.T) {
	ctx, path := context.Background(), place(t)
	s := owner(t, path)
	if _, ok, err := s.Checkpoint(ctx); ok || err != nil {
		t.Errorf("a new store has a checkpoint: %v", err)
	}
	first := Checkpoint{Position: "1", Event: uuid.NewString()}
	must(t, s.Plan(ctx, Plan{Through: first, Items: []Item{item("email", "email-a", 1), item("webhook", "webhook-b", 1)}}))
	for name, bad := range map[string]Item{
		"of another topic":    item("webhook", "email-a", 2),
		"without a recipient": {Topic: "email"},
		"without a topic":     {Recipient: "email-c"},
		"under another id":    {Topic: "email", Recipient: "email-c", ID: uuid.New()},
		"in the year 20000":   {Topic: "email", Recipient: "email-c", Time: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		p := Plan{Through: Checkpoint{Position: "2"}, Items: []Item{item("email", "email-a", 2), bad}}
		if err := s.Plan(ctx, p); err == nil {
			t.Errorf("an item %s was planned", name)
		}
	}
	check := func(s *Store) {
		t.Helper()
		if c, ok, err := s.Checkpoint(ctx); c != first || !ok || err != nil {
			t.Errorf("the checkpoint is %v, %v, %v", c, ok, err)
		}
		if all := waiting(t, s); len(all) != 2 || all[0].First != item("email", "email-a", 1) || all[1].First != item("webhook", "webhook-b", 1) {
			t.Errorf("there is %+v", all)
		}
	}
	check(s)
	must(t, s.Close())
	check(open(t, path))
}

func TestAnItemThatIsThereIsLeftAlone(t *testing.T) {
	s := owner(t, place(t))
	i := item("email", "email-a", 1)
	unnamed := i
	unnamed.ID = uuid.Nil
	plan(t, s, unnamed, i)
	plan(t, s, i, item("email", "email-a", 2))
	all := waiting(t, s)
	if len(all) != 1 || all[0].Items != 2 || all[0].First != i {
		t.Errorf("there is %+v", all)
	}
	counts, err := s.Counts(context.Background())
	if err != nil || counts["email"] != (Count{Items: 2, Recipients: 1}) {
		t.Errorf("the counts are %v, %v", counts, err)
	}
}

func TestRestartReplacesTheCheckpointUntilTheNext(t *testing.T) {
	ctx := context.Background()
	s := owner(t, place(t))
	plan(t, s, item("email", "email-a", 1))
	for name, next := range map[string]func() error{
		"SaveCheckpoint": func() error { return s.SaveCheckpoint(ctx, Checkpoint{Position: "9"}) },
		"Plan":           func() error { return s.Plan(ctx, Plan{Through: Checkpoint{Position: "9"}}) },
	} {
		must(t, s.Restart(ctx, "start"))
		if c, ok, err := s.Checkpoint(ctx); ok || err != nil {
			t.Errorf("after a restart there is %v, %v", c, err)
		}
		if from, ok, err := s.RestartFrom(ctx); from != "start" || !ok || err != nil {
			t.Errorf("the restart is from %q, %v, %v", from, ok, err)
		}
		must(t, next())
		if from, ok, err := s.RestartFrom(ctx); ok || err != nil {
			t.Errorf("%s left a restart from %q, %v", name, from, err)
		}
		if c, ok, err := s.Checkpoint(ctx); c.Position != "9" || !ok || err != nil {
			t.Errorf("%s left the checkpoint %v, %v", name, c, err)
		}
	}
	if err := s.Restart(ctx, ""); err == nil {
		t.Error("a restart from nowhere was taken")
	}
	if all := waiting(t, s); len(all) != 1 {
		t.Errorf("the items are %v", all)
	}
}

func TestAWebhookEndsWithItsItemsAndSecrets(t *testing.T) {
	ctx := context.Background()
	s := owner(t, place(t))
	a, b := uuid.New(), uuid.New()
	secretA, secretB := uuid.New(), uuid.New()
	must(t, s.KeepSecret(ctx, secretA, a, "the secret of a"))
	must(t, s.KeepSecret(ctx, secretB, b, "the secret of b"))
	at := func(p string, plan Plan) {
		t.Helper()
		plan.Through.Position = p
		must(t, s.Plan(ctx, plan))
	}
	at("1", Plan{Subscribed: []Subscription{{Webhook: b, Kinds: []string{"message_sent"}}, {Webhook: a, Kinds: []string{"published", "commented"}}}})
	at("2", Plan{Subscribed: []Subscription{{Webhook: b, Kinds: []string{"removed"}}}})
	subscriptions, err := s.Subscriptions(ctx)
	if err != nil || len(subscriptions) != 2 || subscriptions[0].Webhook != b || subscriptions[1].Webhook != a ||
		!slices.Equal(subscriptions[0].Kinds, []string{"removed"}) || !slices.Equal(subscriptions[1].Kinds, []string{"published", "commented"}) {
		t.Errorf("the subscriptions are %v, %v", subscriptions, err)
	}
	for n := range 3 {
		plan(t, s, item("webhook", WebhookRecipient(a), n), item("webhook", WebhookRecipient(b), n))
	}
	at("9", Plan{Ended: []uuid.UUID{a, uuid.New()}})
	if subscriptions, err = s.Subscriptions(ctx); err != nil || len(subscriptions) != 1 || subscriptions[0].Webhook != b {
		t.Errorf("the subscriptions are %v, %v", subscriptions, err)
	}
	if all := waiting(t, s); len(all) != 1 || all[0].Recipient != WebhookRecipient(b) || all[0].Items != 3 {
		t.Errorf("there is %+v", all)
	}
	if _, ok, err := s.Secret(ctx, secretA); ok || err != nil {
		t.Errorf("the secret is there: %v", err)
	}
	if secret, ok, err := s.Secret(ctx, secretB); secret != "the secret of b" || !ok || err != nil {
		t.Errorf("the other secret is %q, %v, %v", secret, ok, err)
	}
}

// What is planned late, out of its turn, moves nothing.
func TestAPlanWithoutACheckpointLeavesTheStoredOne(t *testing.T) {
	s := owner(t, place(t))
	ctx := t.Context()
	at := Checkpoint{Position: "7", Event: "e"}
	if err := errors.Join(s.SaveCheckpoint(ctx, at), s.Plan(ctx, Plan{Items: []Item{item("email", "email-a", 2)}})); err != nil {
		t.Fatal(err)
	}
	if c, ok, err := s.Checkpoint(ctx); c != at || !ok || err != nil {
		t.Errorf("the checkpoint is %v, %v, %v", c, ok, err)
	}
	if recipients, err := s.Recipients(ctx, false, "", 0); len(recipients) != 1 || err != nil {
		t.Errorf("%d recipients, %v", len(recipients), err)
	}
}

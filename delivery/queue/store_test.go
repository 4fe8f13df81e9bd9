package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func open(tb testing.TB, path string) *Store {
	tb.Helper()
	s, err := Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// owner opens a store and owns it.
func owner(tb testing.TB, path string) *Store {
	tb.Helper()
	s := open(tb, path)
	if err := s.Own(); err != nil {
		tb.Fatal(err)
	}
	return s
}

func place(tb testing.TB) string { return filepath.Join(tb.TempDir(), "delivery.db") }

func must(tb interface {
	Helper()
	Fatal(...any)
}, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// item is the n-th event for a recipient.
func item(topic, recipient string, n int) Item {
	event := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, recipient, n))
	return Item{
		Topic: topic, Recipient: recipient, Event: event, ID: ItemID(recipient, event),
		Stream: "connection-" + uuid.Nil.String(), Revision: int64(n), Position: fmt.Sprint("at-", n), Kind: "message_sent",
		Time: time.Date(2026, 5, 1, 12, 0, n, 7000, time.UTC), Correlation: fmt.Sprint("correlation-", n),
	}
}

func plan(tb testing.TB, s *Store, items ...Item) {
	tb.Helper()
	must(tb, s.Plan(context.Background(), Plan{Through: Checkpoint{Position: "p", Event: "e"}, Items: items}))
}

// waiting is what is in the store, in order.
func waiting(tb testing.TB, s *Store) []Recipient {
	tb.Helper()
	all, err := s.Recipients(context.Background(), false, "", 1000)
	must(tb, err)
	return all
}

func TestTheFileIsForItsOwnerOnly(t *testing.T) {
	path := place(t)
	s := owner(t, path)
	plan(t, s, item("email", "email-a", 1))
	files, err := filepath.Glob(path + "*")
	must(t, err)
	if len(files) < 4 { // the file, SQLite's two and the lock
		t.Errorf("the files are %q", files)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has %s", f, info.Mode())
		}
	}
}

func TestAnotherFileIsRefused(t *testing.T) {
	path := place(t)
	must(t, os.WriteFile(path, []byte("this is no database, and is long enough to be seen as none of those that are"), 0o600))
	if s, err := Open(path); err == nil {
		s.Close()
		t.Error("a text was opened")
	}
	other := filepath.Join(t.TempDir(), "other.db")
	db, err := connect(other, 1, true, writerPragmas)
	must(t, err)
	_, err = db.Exec("create table other (a)")
	must(t, errors.Join(err, db.Close()))
	if s, err := Open(other); err == nil {
		s.Close()
		t.Error("another program's database was opened")
	}
}

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
	if err := s.Plan(ctx, Plan{Items: []Item{item("email", "email-a", 2)}}); err == nil {
		t.Error("a plan without a checkpoint was taken")
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

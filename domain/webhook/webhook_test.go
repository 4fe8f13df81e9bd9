package webhook

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

// A program of the host product, books, is told of messages.
var (
	books  = scenario.ID("books")
	secret = scenario.ID("secret")
	newer  = scenario.ID("newer secret")
	newest = scenario.ID("newest secret")

	target = "https://books.example.org/lobby?tenant=4"
	known  = []string{"message_sent", "message_deleted", "post_published"}
	kinds  = []string{"message_sent", "message_deleted"}
	noon   = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

	created = Created{Webhook: books, URL: target, Kinds: kinds, Secret: secret}
	rotated = rotatedTo(newer, noon)
	deleted = Ended{Webhook: books, Reason: Deleted}
)

func given(t *testing.T, events ...Event) *scenario.Past[State] {
	return scenario.Given(t, Noun, events...)
}

func create() Create {
	return Create{Webhook: books, URL: target, Kinds: kinds, Secret: secret, Known: known}
}

func rotatedTo(secret uuid.UUID, at time.Time) SecretRotated {
	return SecretRotated{Webhook: books, Secret: secret, At: domain.MomentOf(at)}
}

func TestRule4_SecretsReplacedWithinADaySignToo(t *testing.T) {
	for _, c := range []struct {
		events []Event
		now    time.Time
		want   []uuid.UUID
	}{
		{[]Event{created}, noon, []uuid.UUID{secret}},
		{[]Event{created, rotated}, noon, []uuid.UUID{newer, secret}},
		{[]Event{created, rotated}, noon.Add(Overlap - time.Microsecond), []uuid.UUID{newer, secret}},
		{[]Event{created, rotated}, noon.Add(Overlap), []uuid.UUID{newer}},
		{[]Event{created, rotated}, noon.Add(-time.Minute), []uuid.UUID{newer, secret}}, // a clock that is behind
		{[]Event{created, rotated, rotatedTo(newest, noon.Add(time.Hour))}, noon.Add(2 * time.Hour), []uuid.UUID{newest, newer, secret}},
		{[]Event{created, rotated, rotatedTo(newest, noon.Add(time.Hour))}, noon.Add(Overlap), []uuid.UUID{newest, newer}},
		{[]Event{created, rotated, rotatedTo(newest, noon.Add(Overlap))}, noon.Add(Overlap), []uuid.UUID{newest, newer}},
		{[]Event{created, rotated, rotatedTo(secret, noon.Add(time.Hour))}, noon.Add(time.Hour), []uuid.UUID{secret, newer}}, // back again
		{slices.Concat([]Event{created}, manyRotations), noon.Add(time.Hour), ids("6", "5", "4", "3", "2")},
	} {
		if got := domain.Fold(State{}, c.events...).Secrets(c.now); !slices.Equal(got, c.want) {
			t.Errorf("after %d events at %s: %v, want %v", len(c.events), c.now, got, c.want)
		}
	}
}

var manyRotations = func() (events []Event) {
	for _, id := range ids("1", "2", "3", "4", "5", "6") {
		events = append(events, rotatedTo(id, noon))
	}
	return events
}()

func ids(names ...string) (ids []uuid.UUID) {
	for _, name := range names {
		ids = append(ids, scenario.ID(name))
	}
	return ids
}

func TestGoldenFold(t *testing.T) {
	scenario.GoldenFold(t, Noun, created, rotated, rotatedTo(newest, noon.Add(time.Hour)), deleted)
}

package delivery_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/delivery"
	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/webhook"
)

func TestAWebhookIsToldOfItsKindsInOrder(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	w.start()
	id := w.subscribe(r.URL, "message_sent", "disconnected")
	var want []uuid.UUID
	for range 20 {
		want = append(want, w.send(jonas, "Hello."))
		w.write(channel(jonas), connection.MessagesSeen{By: jonas, Messages: want[len(want)-1:]})
	}
	position := w.write(channel(jonas), connection.Ended{By: jonas, Other: greta})
	w.until("all calls came", func() bool { return len(r.called()) == 21 })
	calls := r.called()
	for i, message := range want {
		if !strings.Contains(string(calls[i].Data), message.String()) || calls[i].Kind != "message_sent" || calls[i].Stream != channel(jonas) {
			t.Fatalf("call %d is %+v", i, calls[i])
		}
	}
	last := calls[20]
	if last.Webhook != id || last.Kind != "disconnected" || last.Position != position.String() || last.Actor != greta || last.Correlation == "" || time.Since(last.OccurredAt.Time) > time.Minute {
		t.Errorf("the last call is %+v", last)
	}
	w.empty()
	if n := len(r.called()); n != 21 {
		t.Errorf("%d calls on a clean run", n)
	}
}

func TestARepeatedCallHasTheSameIDAndTheNextAttempt(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	r.answers(func(c delivery.Called, answer http.ResponseWriter) {
		if len(r.called()) < 3 {
			answer.WriteHeader(http.StatusBadGateway)
		}
	})
	w.start()
	w.subscribe(r.URL, "message_sent")
	w.send(jonas, "One.")
	w.send(jonas, "Two.")
	w.until("all calls came", func() bool { return len(r.called()) == 4 })
	calls := r.called()
	if calls[0].ID != calls[1].ID || calls[0].ID != calls[2].ID || calls[0].ID == calls[3].ID {
		t.Errorf("ids %s, %s, %s, %s", calls[0].ID, calls[1].ID, calls[2].ID, calls[3].ID)
	}
	for i, want := range []string{"1", "2", "3", "1"} {
		if got := r.heads[i].Get("Lobby-Attempt"); got != want {
			t.Errorf("call %d is attempt %s", i, got)
		}
	}
}

// P15: nothing goes to a webhook that was deleted, what waited for it neither.
func TestP15_ADeletedWebhookGetsNothingMore(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	r.answers(func(_ delivery.Called, answer http.ResponseWriter) { answer.WriteHeader(http.StatusServiceUnavailable) })
	w.options.Retries.Attempts = 1_000_000
	w.start()
	id := w.subscribe(r.URL, "message_sent")
	w.send(jonas, "Waits.")
	w.until("an attempt failed", func() bool { return len(r.called()) > 0 })
	w.write(webhook.Stream(id), webhook.Ended{Webhook: id, Reason: webhook.Deleted})
	w.empty()
	calls := len(r.called())
	w.send(jonas, "Too late.")
	w.send(amara, "Too late.")
	w.letters(3)
	w.empty()
	if n := len(r.called()); n != calls {
		t.Errorf("%d calls after the end", n-calls)
	}
}

// A webhook that answers 410 ends, on the record.
func TestAWebhookThatIsGoneEnds(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	r.answers(func(_ delivery.Called, answer http.ResponseWriter) { answer.WriteHeader(http.StatusGone) })
	ended := make(chan uuid.UUID, 10)
	w.options.Gone = func(_ context.Context, id uuid.UUID, _ time.Time) error {
		w.write(webhook.Stream(id), webhook.Ended{Webhook: id, Reason: webhook.Gone})
		ended <- id
		return nil
	}
	w.start()
	id := w.subscribe(r.URL, "message_sent")
	w.send(jonas, "The only one.")
	if got := <-ended; got != id {
		t.Errorf("ended %s", got)
	}
	w.empty()
	if n := w.outcomes("webhook", "gone"); n != 1 {
		t.Errorf("counted %d times", n)
	}
}

// A rotation loses nothing: for a day the receiver may know either secret. This
// one goes on with the first.
func TestARotatedSecretAndTheOneBeforeSign(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	w.start()
	id, next := w.subscribe(r.URL, "message_sent"), uuid.New()
	if err := w.store.KeepSecret(t.Context(), next, id, strings.Repeat("z", 32)); err != nil {
		t.Fatal(err)
	}
	w.write(webhook.Stream(id), webhook.SecretRotated{Webhook: id, Secret: next, At: domain.MomentOf(time.Now())})
	w.send(jonas, "Signed twice.")
	w.until("the call came", func() bool { return len(r.called()) == 1 })
	if n := len(strings.Fields(r.heads[0].Get("Lobby-Signature"))); n != 2 {
		t.Errorf("%d signatures", n)
	}
}

// Where the file of delivery was lost, the webhooks are found in the log again.
func TestWebhooksAreFoundAgainWithoutTheStore(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	open := w.subscribe(r.URL, "message_sent")
	closed := w.subscribe(r.URL, "message_sent")
	w.write(webhook.Stream(closed), webhook.Ended{Webhook: closed, Reason: webhook.Deleted})
	w.send(jonas, "History.")
	w.start()
	w.send(jonas, "From now on.")
	w.until("the call came", func() bool { return len(r.called()) == 1 })
	w.empty()
	calls := r.called()
	if len(calls) != 1 || calls[0].Webhook != open || !strings.Contains(string(calls[0].Data), "From now on.") {
		t.Errorf("calls %+v", calls)
	}
	known, err := w.store.Subscriptions(t.Context())
	if err != nil || len(known) != 1 || !slices.Equal(known[0].Kinds, []string{"message_sent"}) {
		t.Errorf("subscriptions %v, %v", known, err)
	}
}

// A webhook that hangs holds up nobody else.
func TestAWebhookThatHangsDoesNotHoldUpOthers(t *testing.T) {
	w, hangs, r := newWorld(t), newReceiver(t), newReceiver(t)
	release := make(chan struct{})
	hangs.answers(func(delivery.Called, http.ResponseWriter) { <-release })
	defer close(release)
	w.start()
	w.subscribe(hangs.URL, "message_sent")
	w.subscribe(r.URL, "message_sent")
	for range 20 {
		w.send(jonas, "Goes on.")
	}
	w.until("the other one got them", func() bool { return len(r.called()) == 20 })
}

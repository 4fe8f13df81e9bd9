package delivery_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"lobby.example/delivery"
	"lobby.example/delivery/mail/sink"
	"lobby.example/domain/webhook"
)

// A clean end lets what is on its way finish: nothing is sent again after it.
func TestACleanEndRepeatsNothing(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	arrived, answer := make(chan struct{}, 10), make(chan struct{})
	r.answers(func(delivery.Called, http.ResponseWriter) {
		arrived <- struct{}{}
		<-answer
	})
	w.start()
	w.subscribe(r.URL, "message_sent")
	w.send(jonas, "On its way.")
	<-arrived
	ended := make(chan error)
	go func() { ended <- w.delivery.Close() }()
	select {
	case err := <-ended:
		close(answer)
		t.Fatalf("it ended before what was on its way: %v", err)
	case <-time.After(300 * time.Millisecond): // a broken end takes none
	}
	close(answer)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	w.start()
	w.send(jonas, "After it.")
	w.until("the next one came", func() bool { return len(r.called()) >= 2 })
	w.empty()
	if calls := r.called(); len(calls) != 2 || calls[0].ID == calls[1].ID {
		t.Errorf("%d calls", len(calls))
	}
}

// An end right after the beginning takes no time.
func TestAnEndAtOnce(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		w.start()
		began := time.Now()
		w.stop()
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("it took %s", took)
		}
	}
}

// Restarted from before a webhook was made, it keeps its secret and what waits.
func TestARestartFromTheStartKeepsWebhooks(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	w.start()
	w.subscribe(r.URL, "message_sent")
	w.send(jonas, "Twice.")
	w.until("it came", func() bool { return len(r.called()) == 1 })
	w.empty()
	w.stop()
	if err := errors.Join(w.store.Own(), w.store.Restart(t.Context(), delivery.FromStart)); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.until("it came again", func() bool { return len(r.called()) == 2 })
	w.empty()
	if calls := r.called(); calls[0].ID != calls[1].ID {
		t.Errorf("ids %s and %s", calls[0].ID, calls[1].ID)
	}
}

// A webhook that is over by now is not told of what was before its end.
func TestARestartLeavesEndedWebhooksAlone(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	id := w.subscribe(r.URL, "message_sent")
	w.send(jonas, "Before the end.")
	at := w.write(channel(amara), w.seen(amara))
	w.write(webhook.Stream(id), webhook.Ended{Webhook: id, Reason: webhook.Deleted})
	if err := errors.Join(w.store.Own(), w.store.Restart(t.Context(), at.String())); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.send(jonas, "After it.")
	w.letters(1)
	w.empty()
	if n := len(r.called()); n > 0 {
		t.Errorf("%d calls", n)
	}
}

// What waited for an event that a restored log does not have is dropped, and does
// not hold up what comes later.
func TestWhatARestoredLogDoesNotHaveIsDropped(t *testing.T) {
	w := newWorld(t)
	w.options.Retries.Attempts = 1_000_000
	w.start()
	w.mails.Set("Jonas@example.org", sink.Later)
	w.send(jonas, "Lost by the restore.")
	w.until("an attempt failed", func() bool { return w.outcomes("email", "again") > 0 })
	w.stop()
	restored := newWorld(t)
	restored.options.Store, restored.store = w.store, w.store
	if err := w.store.Restart(t.Context(), delivery.FromHead); err != nil {
		t.Fatal(err)
	}
	restored.start()
	restored.send(jonas, "After it.")
	restored.letters(1)
	if n := restored.outcomes("email", "dropped_no_event"); n != 1 {
		t.Errorf("%d dropped", n)
	}
}

// Started once without a mail server, copies wait for the next start with one.
func TestCopiesWaitForAMailServer(t *testing.T) {
	w := newWorld(t)
	w.options.Retries.Attempts = 1_000_000
	w.start()
	w.mails.Set("Jonas@example.org", sink.Later)
	w.send(jonas, "Waits.")
	w.until("an attempt failed", func() bool { return w.outcomes("email", "again") > 0 })
	w.stop()
	sender := w.options.Mail
	w.options.Mail = nil
	w.start()
	w.send(amara, "Not even planned.")
	w.until("it was counted", func() bool { return w.outcomes("email", "dropped_no_mail") == 1 })
	w.stop()
	w.options.Mail = sender
	w.mails.Set("Jonas@example.org", sink.Take)
	w.start()
	w.letters(1)
	w.empty()
	if n := len(w.mails.Letters()); n != 1 {
		t.Errorf("%d letters", n)
	}
}

// A copy that is parked lapses as others do.
func TestAParkedCopyLapses(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.mails.Set("Jonas@example.org", sink.Refuse)
	w.send(jonas, "Refused.")
	w.until("it is parked", func() bool { return w.outcomes("email", "parked") == 1 })
	w.stop()
	w.options.Now = func() time.Time { return time.Now().Add(delivery.CopyLapse + time.Minute) }
	w.start()
	w.empty()
}

// Secrets that sign nothing any more are removed; the one that does stays.
func TestOldSecretsAreRemoved(t *testing.T) {
	w, r := newWorld(t), newReceiver(t)
	id := w.subscribe(r.URL, "message_sent")
	first := w.secret
	w.rotate(id, strings.Repeat("z", 32), time.Now())
	w.start()
	w.until("it runs", w.delivery.Running)
	w.stop()
	if _, ok, err := w.store.Secret(t.Context(), first); !ok || err != nil {
		t.Fatalf("the first secret went too early: %v", err)
	}
	w.options.Now = func() time.Time { return time.Now().Add(3 * webhook.Overlap) }
	w.start()
	w.until("the first secret is gone", func() bool {
		_, ok, err := w.store.Secret(t.Context(), first)
		return !ok && err == nil
	})
	if _, ok, err := w.store.Secret(t.Context(), w.secret); !ok || err != nil {
		t.Errorf("the secret in use is gone: %v", err)
	}
}

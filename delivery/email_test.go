package delivery_test

import (
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/delivery"
	"lobby.example/delivery/mail/sink"
	"lobby.example/delivery/queue"
	"lobby.example/domain/attachment"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
)

func TestACopyIsMailedOnce(t *testing.T) {
	w := newWorld(t)
	w.start()
	file := uuid.New()
	w.write(attachment.Stream(file), attachment.Uploaded{Attachment: file, Owner: greta, File: attachment.File{Name: "plan.pdf", Size: 1200, Type: "application/pdf"}})
	message := uuid.New()
	w.write(channel(jonas), connection.MessageSent{Message: message, From: greta, To: jonas, Text: "The plan.", EmailCopy: true, Attachments: []uuid.UUID{file}})
	w.write(channel(jonas), connection.MessageSent{Message: uuid.New(), From: greta, To: jonas, Text: "No copy of this one."})
	w.send(amara, "And hello.")
	letters := w.letters(2)
	w.empty()
	if n := len(w.mails.Letters()); n != 2 {
		t.Errorf("%d letters", n)
	}
	letter := letters["Jonas@example.org"][0]
	for _, part := range []string{letter.Text, letter.HTML} {
		for _, want := range []string{"The plan.", "plan.pdf", "https://lobby.example.org/v1/attachments/" + file.String()} {
			if !strings.Contains(part, want) {
				t.Errorf("%q is not in\n%s", want, part)
			}
		}
	}
	for _, content := range []string{letter.Text, letter.HTML, letter.Field("From"), letter.Field("Reply-To")} {
		if strings.Contains(content, "Greta@example.org") {
			t.Errorf("the sender's address is in\n%s", content)
		}
	}
	link := letter.Field("List-Unsubscribe")
	token, ok := strings.CutPrefix(strings.Trim(link, "<>"), "https://lobby.example.org/unsubscribe/")
	if person, valid := w.options.Unsubscribe.Person(token); !ok || !valid || person != jonas {
		t.Errorf("List-Unsubscribe is %q, of %s", link, person)
	}
	if n := w.outcomes("email", "sent"); n != 2 {
		t.Errorf("%d counted as sent", n)
	}
}

// P10, P15: right before sending it is looked at again.
func TestP10_WhatHasNoRightToBeMailedAnyMoreIsNot(t *testing.T) {
	for outcome, happens := range map[string]func(w *world, message uuid.UUID){
		"dropped_deleted": func(w *world, message uuid.UUID) {
			w.write(channel(jonas), connection.MessageDeleted{Message: message, By: greta, To: jonas})
		},
		"dropped_disconnected": func(w *world, _ uuid.UUID) {
			w.write(channel(jonas), connection.Ended{By: greta, Other: jonas})
		},
		"dropped_deactivated": func(w *world, _ uuid.UUID) {
			w.write(person.Stream(jonas), person.Deactivated{Person: jonas})
		},
		"dropped_opted_out": func(w *world, _ uuid.UUID) {
			w.write(person.Stream(jonas), person.PreferencesSet{Person: jonas, Preferences: person.Preferences{NoEmailCopies: true}})
		},
		"dropped_no_address": func(w *world, _ uuid.UUID) {
			w.write(person.Stream(jonas), person.ProfileUpdated{Person: jonas, Profile: person.Profile{Name: "Jonas Weber"}})
		},
	} {
		t.Run(outcome, func(t *testing.T) {
			w := newWorld(t)
			w.options.Retries.Attempts = 1_000_000
			w.start()
			w.mails.Set("Jonas@example.org", sink.Later)
			message := w.send(jonas, "The keys are with the caretaker.")
			w.until("an attempt failed", func() bool { return w.outcomes("email", "again") > 0 })
			happens(w, message)
			w.empty()
			if n := len(w.mails.Letters()); n > 0 || w.outcomes("email", outcome) != 1 {
				t.Errorf("%d letters, counted %d times", n, w.outcomes("email", outcome))
			}
		})
	}
}

// Seen or not makes no difference: the sender asked for a copy.
func TestACopyOfWhatWasSeenIsMailed(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.stop()
	message := w.send(jonas, "Seen before it was mailed.")
	w.write(channel(jonas), connection.MessagesSeen{By: jonas, Messages: []uuid.UUID{message}})
	w.start()
	w.letters(1)
}

// E03: without a checkpoint nothing of the history is mailed.
func TestE03_DeliveryBeginsAtTheHead(t *testing.T) {
	w := newWorld(t)
	w.send(jonas, "History.")
	w.start()
	w.send(jonas, "From now on.")
	w.letters(1)
	w.empty()
	if letters := w.letters(1)["Jonas@example.org"]; len(letters) != 1 || !strings.Contains(letters[0].Text, "From now on.") {
		t.Errorf("%d letters", len(letters))
	}
}

func TestAnOperatorMayRestartElsewhereButOldCopiesAreNotMailed(t *testing.T) {
	w := newWorld(t)
	w.writeAt(channel(jonas), connection.MessageSent{Message: uuid.New(), From: greta, To: jonas, Text: "Last week.", EmailCopy: true}, time.Now().Add(-7*24*time.Hour))
	w.send(jonas, "Today.")
	if err := errors.Join(w.store.Own(), w.store.Restart(t.Context(), delivery.FromStart)); err != nil {
		t.Fatal(err)
	}
	w.start()
	letters := w.letters(1)["Jonas@example.org"]
	w.empty()
	if n := len(w.mails.Letters()); n != 1 || !strings.Contains(letters[0].Text, "Today.") {
		t.Errorf("%d letters, the first says %q", n, letters[0].Text)
	}
	if n := w.outcomes("email", "dropped_old"); n != 1 {
		t.Errorf("%d counted as old", n)
	}
}

// E10: what cannot be delivered parks what comes later for the same recipient, in order, and nobody else's.
func TestE10_LaterItemsOfARecipientWaitBehindWhatIsParked(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.mails.Set("Jonas@example.org", sink.Refuse)
	w.send(jonas, "One.")
	w.send(jonas, "Two.")
	w.send(amara, "For Amara.")
	if letters := w.letters(1); len(letters["Amara@example.org"]) != 1 {
		t.Errorf("letters %v", letters)
	}
	recipient := "email-" + jonas.String()
	w.until("it is parked", func() bool {
		parked, err := w.store.Recipients(t.Context(), true, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(parked) == 1 && parked[0].Recipient == recipient && parked[0].Items == 2 && parked[0].Attempts == 1 && strings.Contains(parked[0].Reason, "550")
	})
	w.mails.Set("Jonas@example.org", sink.Take)
	if found, err := w.store.Retry(t.Context(), recipient); !found || err != nil {
		t.Fatal(found, err)
	}
	letters := w.letters(3)["Jonas@example.org"]
	if !strings.Contains(letters[0].Text, "One.") || !strings.Contains(letters[1].Text, "Two.") {
		t.Errorf("mailed %q and then %q", letters[0].Text, letters[1].Text)
	}
}

// What may pass is tried again, as often as it is to be, and then parked.
func TestWhatKeepsFailingIsParkedAfterTheLastAttempt(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.mails.Set("Jonas@example.org", sink.Later)
	w.send(jonas, "Never taken.")
	w.until("it is parked", func() bool { return w.outcomes("email", "parked") == 1 })
	if again := w.outcomes("email", "again"); again != 2 {
		t.Errorf("tried again %d times", again)
	}
}

// An answer that never came leaves open whether the letter was taken. It is sent
// again, under the id by which the repeat is recognised.
func TestARepeatHasTheSameMessageID(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.mails.Next("Jonas@example.org", sink.CloseAfterDot)
	w.send(jonas, "Taken twice.")
	letters := w.letters(2)["Jonas@example.org"]
	if first, second := letters[0].Field("Message-ID"), letters[1].Field("Message-ID"); first == "" || first != second {
		t.Errorf("ids %q and %q", first, second)
	}
}

// A server that hangs for one recipient leaves the connections to the others.
func TestAStalledRecipientDoesNotHoldUpOthers(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.mails.Set("Jonas@example.org", sink.Stall)
	w.send(jonas, "Stalls.")
	if err := w.mails.WaitStalled(t.Context(), "Jonas@example.org", 1); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		w.send(amara, "Goes on.")
	}
	if n := len(w.letters(20)["Amara@example.org"]); n != 20 {
		t.Errorf("%d letters", n)
	}
}

// E08: a checkpoint that the log has not reached is refused, and there is a way out.
func TestE08_ACheckpointBeyondTheLogIsRefused(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.send(jonas, "Before the restore.")
	w.letters(1)
	w.empty()
	w.stop()
	restored := newWorld(t) // another log: the checkpoint is none of its places
	restored.options.Store = w.store
	if _, err := delivery.Start(t.Context(), restored.options); err == nil || !strings.Contains(err.Error(), "lobby delivery restart") {
		t.Fatalf("started: %v", err)
	}
	if err := w.store.Restart(t.Context(), delivery.FromHead); err != nil {
		t.Fatal(err)
	}
	restored.store = w.store
	restored.start()
	restored.send(jonas, "After it.")
	restored.letters(1)
}

// An event that nobody can read is parked itself, and the others go on.
func TestAnEventThatCannotBeReadIsParked(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.append(channel(jonas), connection.MessageSent{}.Kind(), []byte(`{"message":5,"email_copy":true}`), time.Now())
	w.send(amara, "Goes on.")
	w.letters(1)
	w.until("it is parked", func() bool { return w.outcomes("plan", "parked") == 1 })
}

// E06: an event that makes planning panic does not hold up the others, and is
// planned later.
func TestE06_AnEventThatPlanningPanicsAtIsPlannedLater(t *testing.T) {
	w := newWorld(t)
	var well atomic.Bool
	w.options.Retries.Attempts = 1_000_000
	w.options.Now = func() time.Time {
		if caller := make([]byte, 4096); !well.Load() && strings.Contains(string(caller[:runtime.Stack(caller, false)]), ".planned(") {
			panic("not today")
		}
		return time.Now()
	}
	w.start()
	w.send(jonas, "Planned later.")
	w.until("it was tried again", func() bool { return w.outcomes("plan", "again") > 0 })
	well.Store(true)
	w.send(amara, "Planned at once.")
	w.letters(2)
	w.empty()
}

// Only one delivers at a time. Another one takes over when it ends.
func TestOneOwnerAndTheNextOneTakesOver(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.until("the first one delivers", w.delivery.Running)

	other, err := queue.Open(w.path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	options := w.options
	options.Store = other
	second, err := delivery.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	w.send(jonas, "By the first one.")
	w.letters(1)
	if second.Running() {
		t.Error("two deliver at once")
	}
	w.stop()
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.until("the second one delivers", second.Running)
	w.send(jonas, "By the second one.")
	if n := len(w.letters(2)["Jonas@example.org"]); n != 2 {
		t.Errorf("%d letters", n)
	}
}

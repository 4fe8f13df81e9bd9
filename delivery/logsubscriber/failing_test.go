package logsubscriber_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/eventlog"
)

// E05: when the log fails, one attempt at a time goes on behind the last ack. What
// was acked does not come again for it, and nothing is skipped.
func TestE05AfterAFailureTheLogIsFollowedAgainFromTheLastAck(t *testing.T) {
	log := &flakyLog{Log: openLog(t), after: func() int { return 2 }}
	events := write(t, log, "post-1", 7)
	messages := subscribe(t, newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: &memory{}, From: logsubscriber.Start}), "")
	ack(t, messages, events...)
	ack(t, messages, write(t, log, "post-1", 3)...)
	if log.beside.Load() {
		t.Error("the log was followed twice at the same time")
	}
	if n := log.follows.Load(); n < 5 {
		t.Errorf("the log was followed %d times: did it fail?", n)
	}
}

// E05: a log that always fails is not asked in a storm.
func TestE05FailuresInARowAreFollowedByGrowingPauses(t *testing.T) {
	asked := make(chan time.Time, 100)
	log := &flakyLog{Log: openLog(t), after: func() int { asked <- time.Now(); return 0 }}
	s := newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: &memory{}, From: logsubscriber.Start})
	write(t, log, "post-1", 1)
	messages := subscribe(t, s, "")
	first, last := <-asked, time.Time{}
	for range 5 {
		last = <-asked
	}
	// Five pauses of at least half of 10, 20, 40, 80 and 160 ms.
	if took := last.Sub(first); took < 155*time.Millisecond {
		t.Errorf("asked six times within %s", took)
	}
	shut(t, s)
	closed(t, messages)
}

func TestALogThatIsClosedEndsTheSubscription(t *testing.T) {
	log, checkpoints := openLog(t), &memory{}
	events := write(t, log, "post-1", 2)
	s := newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: checkpoints, From: logsubscriber.Start})
	messages := subscribe(t, s, "")
	ack(t, messages, events...)
	shut(t, log)
	closed(t, messages)
	if err := s.Err(); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("it ended with %v, want eventlog.ErrClosed", err)
	}
	if checkpoints.checkpoint() != at(events[1]) {
		t.Errorf("the checkpoint is %v, want %v", checkpoints.checkpoint(), at(events[1]))
	}
	if _, err := s.Subscribe(t.Context(), ""); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("subscribed to a closed log: %v", err)
	}
}

func TestAStoreThatFailsAtTheStartIsSaid(t *testing.T) {
	full := errors.New("disk full")
	checkpoints := &memory{broken: full}
	s := newSubscriber(t, logsubscriber.Config{Log: openLog(t), Checkpoints: checkpoints})
	if _, err := s.Subscribe(t.Context(), ""); !errors.Is(err, full) {
		t.Errorf("subscribed: %v, want the store's error", err)
	}
	checkpoints.breaks(nil)
	subscribe(t, s, "")
}

// Whatever handlers answer, however often the log and the store fail, the process
// stops or dies: every event is acked in the order of the log, what comes is what
// was nacked or what follows the last ack, and a start repeats nothing that was
// saved and skips nothing.
func TestNothingIsSkippedWhateverHappens(t *testing.T) {
	stored := openLog(t)
	events := write(t, stored, "post-1", 40)
	place := map[string]int{}
	for i, e := range events {
		place[e.ID.String()] = i
	}
	rapid.Check(t, func(rt *rapid.T) {
		log := &flakyLog{Log: stored, after: func() int { return 1_000 }}
		if every := rapid.IntRange(1, 12).Draw(rt, "the log fails after"); every > 3 {
			log.after = func() int { return every }
		}
		checkpoints := &memory{}
		var s *logsubscriber.Subscriber
		var messages <-chan *message.Message
		open := func() {
			var err error
			s, err = logsubscriber.New(logsubscriber.Config{
				Log: log, Checkpoints: checkpoints, From: logsubscriber.Start, AnswerWait: time.Microsecond,
				NackPause: logsubscriber.Backoff{First: 1, Max: 2},
			})
			if err == nil {
				messages, err = s.Subscribe(t.Context(), "post")
			}
			if err != nil {
				rt.Fatal(err)
			}
		}
		saved := func() int { // events up to the checkpoint
			if c := checkpoints.checkpoint(); c.Event != uuid.Nil {
				return place[c.Event.String()] + 1
			}
			return 0
		}
		open()
		acked, due := 0, 0 // the first acks have happened; due must come next
		for acked < len(events) {
			m := <-messages
			if m == nil {
				rt.Fatalf("the channel is closed after %d acks: %v", acked, s.Err())
			}
			if got := place[m.UUID]; got != due {
				rt.Fatalf("event %d came, want %d", got, due)
			}
			if n := saved(); n > due {
				rt.Fatalf("%d are saved while event %d is in flight", n, due)
			}
			switch rapid.SampledFrom([]string{"ack", "ack", "ack", "ack", "nack", "close", "die", "ack and close", "ack and die"}).Draw(rt, "handler") {
			case "ack":
				m.Ack()
				due++
			case "nack":
				m.Nack()
			case "close":
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				due = saved()
				open()
			case "die":
				checkpoints.breaks(errors.New("dead"))
				s.Close()
				checkpoints.breaks(nil)
				due = saved()
				open()
			case "ack and close":
				m.Ack()
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				if due++; saved() != due {
					rt.Fatalf("%d are saved after a clean end, want %d", saved(), due)
				}
				open()
			case "ack and die":
				checkpoints.breaks(errors.New("dead"))
				m.Ack()
				s.Close()
				checkpoints.breaks(nil)
				due = saved()
				open()
			}
			acked = max(acked, due)
		}
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		if saved() != len(events) || log.beside.Load() {
			rt.Fatalf("%d are saved at the end, want %d; followed twice: %v", saved(), len(events), log.beside.Load())
		}
	})
}

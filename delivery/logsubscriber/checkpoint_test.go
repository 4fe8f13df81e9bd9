package logsubscriber_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
)

func at(e eventlog.Recorded) logsubscriber.Checkpoint {
	return logsubscriber.Checkpoint{Position: e.Position, Event: e.ID}
}

func TestASubscriptionGoesOnBehindTheLastAck(t *testing.T) {
	log, checkpoints := openLog(t), &memory{}
	events := write(t, log, "post-1", 10)
	config := logsubscriber.Config{Log: log, Checkpoints: checkpoints, From: logsubscriber.Start}
	for i, e := range events {
		s := newSubscriber(t, config)
		messages := subscribe(t, s, "")
		ack(t, messages, e)
		shut(t, s)
		closed(t, messages)
		if checkpoints.checkpoint() != at(e) {
			t.Fatalf("after %d acks the checkpoint is %v, want %v", i+1, checkpoints.checkpoint(), at(e))
		}
	}
}

// A crash between an ack and the save of its checkpoint repeats what was acked
// since the last save, and skips nothing.
func TestACrashBetweenAckAndSaveRepeats(t *testing.T) {
	log, checkpoints := openLog(t), &memory{}
	events := write(t, log, "post-1", 6)
	config := logsubscriber.Config{Log: log, Checkpoints: checkpoints, From: logsubscriber.Start}
	s := newSubscriber(t, config)
	messages := subscribe(t, s, "")
	ack(t, messages, events[:2]...)
	shut(t, s)

	full := errors.New("disk full")
	checkpoints.breaks(full)
	s = newSubscriber(t, config)
	messages = subscribe(t, s, "")
	ack(t, messages, events[2:5]...)
	if err := s.Close(); !errors.Is(err, full) {
		t.Errorf("closed with %v, want what kept the checkpoint from being saved", err)
	}
	checkpoints.breaks(nil)
	ack(t, subscribe(t, newSubscriber(t, config), ""), events[2:]...)
}

// Without a checkpoint a subscription begins at the head, and that is remembered:
// what comes while nobody is subscribed is not skipped.
func TestWithoutACheckpointItBeginsAtTheHead(t *testing.T) {
	for name, before := range map[string]int{"of an empty log": 0, "of a log with events": 3} {
		t.Run(name, func(t *testing.T) {
			log, checkpoints := openLog(t), &memory{}
			var head logsubscriber.Checkpoint
			for _, e := range write(t, log, "post-1", before) {
				head = at(e)
			}
			s := newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: checkpoints})
			subscribe(t, s, "")
			if c, found, _ := checkpoints.Load(t.Context()); !found || c != head {
				t.Errorf("the first checkpoint is %v %v, want %v", c, found, head)
			}
			shut(t, s)
			later := write(t, log, "post-1", 2)
			ack(t, subscribe(t, newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: checkpoints}), ""), later...)
		})
	}
}

// What the topic or the log leaves out moves the checkpoint too.
func TestFilteredEventsMoveTheCheckpoint(t *testing.T) {
	path, checkpoints := filepath.Join(t.TempDir(), "log.sqlite"), &memory{}
	log := openFile(t, path, sqlitelog.Options{Categories: []string{"post", "connection"}})
	config := logsubscriber.Config{Log: log, Checkpoints: checkpoints}
	s := newSubscriber(t, config)
	subscribe(t, s, "post")
	for _, stream := range []string{"connection-1", "somebodyelses-1"} {
		last := write(t, log, stream, 3)[2]
		checkpoints.reaches(t, last.Position)
		if want := at(last); stream == "connection-1" && checkpoints.checkpoint() != want {
			t.Errorf("the checkpoint is %v, want %v", checkpoints.checkpoint(), want)
		}
	}
	if c := checkpoints.checkpoint(); c.Event != uuid.Nil {
		t.Errorf("the checkpoint behind what the log does not show names the event %s", c.Event)
	}
	shut(t, s)
	messages := subscribe(t, newSubscriber(t, config), "post") // no sign of a restored log
	ack(t, messages, write(t, log, "post-1", 1)...)
}

// A checkpoint is saved from time to time, not after every ack.
func TestCheckpointsAreSavedNowAndThen(t *testing.T) {
	path, checkpoints := filepath.Join(t.TempDir(), "log.sqlite"), &memory{}
	log := openFile(t, path, sqlitelog.Options{BatchEvents: 10_000})
	events := make([]eventlog.Event, 2500)
	for i := range events {
		events[i] = eventlog.Event{ID: uuid.New(), Kind: "happened", Data: []byte("1")}
	}
	a, err := log.Append(t.Context(), "post-1", eventlog.NoStream, events)
	if err != nil {
		t.Fatal(err)
	}
	messages := subscribe(t, newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: checkpoints, From: logsubscriber.Start}), "")
	for range events {
		(<-messages).Ack()
	}
	checkpoints.reaches(t, a.Positions[2499])
	var before uint64
	for _, c := range checkpoints.saves[1:] {
		if n := c.Position.Commit() - before; n > 1000 {
			t.Errorf("%d acks between two checkpoints", n)
		}
		before = c.Position.Commit()
	}
	if n := len(checkpoints.saves); n > 100 {
		t.Errorf("%d checkpoints for 2,500 acks", n)
	}
}

// The handler may save a checkpoint with its own work. Nothing steps back from it:
// not while the handler is at work, and not after it failed at the very end.
func TestACheckpointOfTheHandlerStays(t *testing.T) {
	for name, c := range map[string]struct {
		answerWait time.Duration
		saves      bool // the handler, before it fails
		nacks      bool
		want       int // the event that the checkpoint names afterwards
	}{
		"at work when the subscription ends": {time.Millisecond, true, false, 1},
		"failed after it had saved":          {patience, true, true, 1},
		"failed without having saved":        {patience, false, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			log, checkpoints := openLog(t), &memory{}
			events := write(t, log, "post-1", 3)
			s := newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: checkpoints, From: logsubscriber.Start, AnswerWait: c.answerWait})
			messages := subscribe(t, s, "")
			ack(t, messages, events[0])
			m := next(t, messages, events[1])
			if c.saves {
				if err := checkpoints.Save(t.Context(), at(events[1])); err != nil {
					t.Fatal(err)
				}
			}
			ended := make(chan error)
			go func() { ended <- s.Close() }()
			<-m.Context().Done()
			if c.nacks {
				m.Nack()
			}
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if want := at(events[c.want]); checkpoints.checkpoint() != want {
				t.Errorf("the checkpoint is %v, want %v", checkpoints.checkpoint(), want)
			}
		})
	}
}

// An ack that comes while the subscription ends counts.
func TestALateAckCounts(t *testing.T) {
	log, checkpoints := openLog(t), &memory{}
	events := write(t, log, "post-1", 2)
	s := newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: checkpoints, From: logsubscriber.Start})
	messages := subscribe(t, s, "")
	m := next(t, messages, events[0])
	ended := make(chan error)
	go func() { ended <- s.Close() }()
	<-m.Context().Done()
	m.Ack()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	closed(t, messages)
	if checkpoints.checkpoint() != at(events[0]) {
		t.Errorf("the checkpoint is %v, want %v", checkpoints.checkpoint(), at(events[0]))
	}
}

// E08: a checkpoint that is ahead of a restored log, or of another log, is refused
// in words that say what to do, and doing that helps.
func TestE08ACheckpointThatIsNotOfTheLogIsRefused(t *testing.T) {
	for name, restored := range map[string]func(t *testing.T, backup string) *sqlitelog.Log{
		"a log from a backup": func(t *testing.T, backup string) *sqlitelog.Log {
			return openFile(t, backup, sqlitelog.Options{})
		},
		"a log from a backup that went on": func(t *testing.T, backup string) *sqlitelog.Log {
			log := openFile(t, backup, sqlitelog.Options{})
			write(t, log, "post-1", 10)
			return log
		},
		"another log": func(t *testing.T, _ string) *sqlitelog.Log {
			log := openLog(t)
			write(t, log, "post-1", 10)
			return log
		},
		"an empty log": func(t *testing.T, _ string) *sqlitelog.Log { return openLog(t) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, backup := filepath.Join(dir, "log.sqlite"), filepath.Join(dir, "backup.sqlite")
			log := openFile(t, path, sqlitelog.Options{})
			write(t, log, "post-1", 2)
			shut(t, log)
			for _, end := range []string{"", "-wal"} {
				if text, err := os.ReadFile(path + end); err == nil {
					if err := os.WriteFile(backup+end, text, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			log = openFile(t, path, sqlitelog.Options{})
			checkpoints := &memory{}
			config := logsubscriber.Config{Log: log, Checkpoints: checkpoints}
			s := newSubscriber(t, config)
			messages := subscribe(t, s, "")
			events := write(t, log, "post-1", 3)
			ack(t, messages, events...)
			shut(t, s)
			shut(t, log)

			config.Log = restored(t, backup)
			s = newSubscriber(t, config)
			_, err := s.Subscribe(t.Context(), "")
			if !errors.Is(err, logsubscriber.ErrCheckpoint) {
				t.Fatalf("subscribed: %v, want ErrCheckpoint", err)
			}
			for _, want := range []string{events[2].Position.String(), "backup", "where to start"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if checkpoints.checkpoint() != at(events[2]) {
				t.Errorf("the refused checkpoint was changed to %v", checkpoints.checkpoint())
			}
			if err := checkpoints.Save(t.Context(), logsubscriber.Checkpoint{}); err != nil { // from the start
				t.Fatal(err)
			}
			messages = subscribe(t, s, "")
			for r, err := range config.Log.ReadAll(t.Context(), eventlog.Position{}, eventlog.Forward, 0) {
				if err != nil {
					t.Fatal(err)
				}
				ack(t, messages, r)
			}
			shut(t, s)
		})
	}
}

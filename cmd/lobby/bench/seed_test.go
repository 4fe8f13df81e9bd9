package bench

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
)

func emptyLog(t *testing.T) eventlog.Log {
	t.Helper()
	log, err := sqlitelog.Open(filepath.Join(t.TempDir(), "log.sqlite"), sqlitelog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

// A seeded channel is what commands would have written: revisions without a gap,
// events that fold, as much waiting as is said, and keys that are remembered.
func TestSeededChannelIsAValidStream(t *testing.T) {
	log := emptyLog(t)
	c := conversation(0, 1, 107, 20, 10, 80) // 80 seen, 27 unseen
	if err := seed(t.Context(), log, people(2), []*stream{c.stream()}); err != nil {
		t.Fatal(err)
	}
	var state connection.State
	commands := map[uuid.UUID]bool{}
	next, messages := eventlog.Revision(0), 0
	for r, err := range log.ReadStream(t.Context(), c.name(), 0, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Revision != next {
			t.Fatalf("revision %d after %d", r.Revision, next-1)
		}
		next++
		event, err := connection.Facts.Decode(r.Kind, r.Data)
		if err != nil {
			t.Fatal(err)
		}
		if seen, ok := event.(connection.MessagesSeen); ok {
			if unseen := state.Thread.Unseen(seen.By, seen.Messages); len(unseen) != len(seen.Messages) {
				t.Errorf("revision %d marks %d messages as seen, of which %d wait", r.Revision, len(seen.Messages), len(unseen))
			}
		} else if _, ok := event.(connection.MessageSent); ok {
			messages++
		}
		state = domain.Fold(state, event)
		var m domain.Metadata
		if err := json.Unmarshal(r.Metadata, &m); err != nil {
			t.Fatal(err)
		}
		if age := time.Since(m.OccurredAt.Time); m.Content == "" || commands[m.Command] || age < 0 || age > 24*time.Hour {
			t.Errorf("revision %d is of no keyed command of the last day: %+v", r.Revision, m)
		}
		commands[m.Command] = true
	}
	if int(next) != c.length() || messages != 107 || state.Status != connection.Connected {
		t.Errorf("%d events with %d messages, %s; want %d with 107, connected", next, messages, state.Status, c.length())
	}
	waiting := map[uuid.UUID]int{}
	for _, e := range state.Thread.Waiting {
		waiting[e.For[0]]++
	}
	for who := range 2 {
		if got := waiting[personID(who)]; got != c.waiting(who) || got == 0 {
			t.Errorf("%d messages wait for person %d, not %d", got, who, c.waiting(who))
		}
	}
}

func TestPopulationHasTheBusiestPersonInSoManyChannels(t *testing.T) {
	p := populate(20, 12, 1000, 80)
	busiest, pairs := 0, map[string]bool{}
	for _, c := range p.channels {
		if c.a == 0 || c.b == 0 {
			busiest++
		}
		if c.a == c.b || pairs[c.name()] {
			t.Errorf("%d and %d cannot have a channel, or have one already", c.a, c.b)
		}
		pairs[c.name()] = true
	}
	if busiest != 12 || len(p.channels) != 20 {
		t.Errorf("%d channels, %d of the busiest; want 20 and 12", len(p.channels), busiest)
	}
}

func TestSeedEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := conversation(0, 1, 100, 0, 10, 80).stream()
	event := s.event
	s.event = func(i int) (fact, error) {
		if i == 50 {
			cancel()
		}
		return event(i)
	}
	err := seed(ctx, emptyLog(t), []*stream{s, conversation(0, 2, 100, 0, 10, 80).stream()})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// Package scenario lets the test of a noun read as prose:
//
//	scenario.Given(t, connection.Noun, invited, accepted).
//		When(connection.SendMessage{...}).
//		Then(connection.MessageSent{...})
//
// It promises that a scenario runs as it would in production, without a log:
// every event goes through its stored form, the state is snapshotted and loaded
// again after each of them and decides the same, and a decision changes nothing.
// It is for tests only; no other code imports it.
package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"lobby.example/domain"
)

// ID makes the same id of the same name, always.
func ID(name string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)) }

// Time is when the event at a revision of a scenario's stream happened: they are
// one minute apart.
func Time(revision int64) time.Time {
	return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(revision) * time.Minute)
}

// Past is one stream with what has happened in it.
type Past[S any] struct {
	t        testing.TB
	noun     domain.Noun[S]
	events   []domain.Event[S]
	state    S // folded from the events
	snapshot S // the same, stored and loaded again after each event
}

// Given starts a scenario: these events are in the stream, oldest first.
func Given[S any](t testing.TB, noun domain.Noun[S], events ...domain.Event[S]) *Past[S] {
	t.Helper()
	p := &Past[S]{t: t, noun: noun, events: events}
	for _, e := range events {
		p.state = p.stored(e).Evolve(p.state)
		data := p.json(p.stored(e).Evolve(p.snapshot))
		var loaded S
		if err := json.Unmarshal(data, &loaded); err != nil {
			t.Fatalf("the snapshot %s cannot be loaded: %v", data, err)
		}
		p.snapshot = loaded
	}
	if folded, loaded := p.json(p.state), p.json(p.snapshot); !bytes.Equal(folded, loaded) {
		t.Fatalf("the state is %s, but by way of snapshots %s", folded, loaded)
	}
	return p
}

// When lets a command decide.
func (p *Past[S]) When(command domain.Command[S]) *Answer[S] {
	p.t.Helper()
	if category, _, err := domain.ParseStream("stream", command.Stream()); err != nil || category != p.noun.Category {
		p.t.Fatalf("%T is for stream %q, which is none of category %s", command, command.Stream(), p.noun.Category)
	}
	a := &Answer[S]{given: p, command: command}
	a.events, a.refusal = p.decide(command, p.state)
	events, refusal := p.decide(command, p.snapshot)
	if diff := cmp.Diff(a.events, events, cmpopts.EquateEmpty()) + cmp.Diff(a.refusal, refusal); diff != "" {
		p.t.Fatalf("%T decides otherwise on a snapshot (-state +snapshot):\n%s", command, diff)
	}
	for _, e := range a.events {
		p.stored(e)
	}
	if a.refusal != nil && a.refusal.Decided != nil && a.refusal.Decided.Stream != command.Stream() {
		p.t.Fatalf("decided in stream %s, want %s", a.refusal.Decided.Stream, command.Stream())
	}
	return a
}

// decide does what the executor of commands does, on a state that may not change.
func (p *Past[S]) decide(command domain.Command[S], state S) (events []domain.Event[S], refusal *domain.Refusal) {
	p.t.Helper()
	before := p.json(state)
	var err error
	if c, ok := command.(domain.Recalling[S]); ok && c.Forgotten(state) {
		events, err = c.Recall(state, p.backward())
	} else {
		events, err = command.Decide(state)
	}
	if after := p.json(state); !bytes.Equal(before, after) {
		p.t.Fatalf("%T changed the state from %s to %s", command, before, after)
	}
	switch {
	case err == nil:
		return events, nil
	case !errors.As(err, &refusal):
		p.t.Fatalf("%T failed with what is no refusal: %v", command, err)
	case len(events) > 0:
		p.t.Fatalf("%T is refused with %v, and yet answers with events %+v", command, refusal, events)
	case refusal.Code == "" || refusal.Message == "":
		p.t.Fatalf("%T is refused without a code or a message: %+v", command, refusal)
	}
	return nil, refusal
}

// backward is the stream, newest event first.
func (p *Past[S]) backward() iter.Seq[domain.Past[S]] {
	return func(yield func(domain.Past[S]) bool) {
		for i, e := range slices.Backward(p.events) {
			if !yield(domain.Past[S]{Event: p.stored(e), Revision: int64(i), Time: Time(int64(i))}) {
				return
			}
		}
	}
}

// stored is the event as it is read back from the log.
func (p *Past[S]) stored(e domain.Event[S]) domain.Event[S] {
	p.t.Helper()
	data, err := p.noun.Facts.Encode(e)
	if err != nil {
		p.t.Fatalf("encode %+v: %v", e, err)
	}
	read, err := p.noun.Facts.Decode(e.Kind(), data)
	if err != nil {
		p.t.Fatalf("decode %s: %v", data, err)
	}
	if reflect.DeepEqual(e, read) { // the usual case, and quicker than a diff
		return read
	}
	if diff := cmp.Diff(e, read, cmpopts.EquateEmpty()); diff != "" {
		p.t.Fatalf("%s is not what was stored (-written +read):\n%s", e.Kind(), diff)
	}
	return read
}

func (p *Past[S]) json(state S) []byte {
	p.t.Helper()
	data, err := json.Marshal(state)
	if err != nil {
		p.t.Fatalf("snapshot: %v", err)
	}
	return data
}

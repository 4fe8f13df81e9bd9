package eventlogtest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"lobby.example/eventlog"
)

func oneOfManyWins(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
	const rounds, rivals = 20, 32
	for round := range eventlog.Revision(rounds) {
		var mu sync.Mutex
		var winners int
		var rivalry sync.WaitGroup
		for range rivals {
			rivalry.Go(func() {
				_, err := l.Append(ctx, "post-1", round-1, some(1))
				var c *eventlog.ConflictError
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					winners++
				case !errors.As(err, &c) || c.Current != round:
					t.Errorf("round %d: %v, want a conflict with revision %d", round, err, round)
				}
			})
		}
		rivalry.Wait()
		if winners != 1 {
			t.Fatalf("round %d has %d winners", round, winners)
		}
	}
	if n := len(stream(t, l, "post-1")); n != rounds {
		t.Fatalf("%d events after %d rounds", n, rounds)
	}
}

func identicalAppendsAreOne(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
	events := some(3)
	const callers = 100
	answers := make([]eventlog.Appended, callers)
	var calls sync.WaitGroup
	for i := range answers {
		calls.Go(func() {
			var err error
			if answers[i], err = l.Append(ctx, "post-1", eventlog.NoStream, events); err != nil {
				t.Error(err)
			}
			// Whoever has an answer can follow from it.
			if p, err := l.Head(ctx); err != nil || len(answers[i].Positions) > 0 && p.Compare(answers[i].Positions[2]) < 0 {
				t.Errorf("the head is %v (%v) after an append answered %v", p, err, answers[i].Positions)
			}
		})
	}
	calls.Wait()
	for _, a := range answers {
		if a.Revision != 2 || !slices.Equal(a.Positions, answers[0].Positions) {
			t.Fatalf("answers differ: %v and %v", a, answers[0])
		}
	}
	same(t, everything(t, l), recorded("post-1", answers[0], events))
}

func cancelledAppendTells(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Append(ctx, "post-1", eventlog.NoStream, some(1)); !errors.Is(err, context.Canceled) {
		t.Fatalf("append with a cancelled context: %v", err)
	}
	var want []eventlog.Recorded
	at := eventlog.NoStream
	for range 50 {
		events := some(3)
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if _, err := l.Append(ctx, "post-1", at, events); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("append with a context that ends: %v", err)
		}
		if n := len(stream(t, l, "post-1")); n != len(want) && n != len(want)+3 {
			t.Fatalf("%d events, want %d or three more", n, len(want))
		}
		want = append(want, recordAppend(t, l, "post-1", at, events)...)
		at += 3
	}
	same(t, everything(t, l), want)
}

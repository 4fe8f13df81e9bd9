package eventlogtest

import (
	"context"
	"sync"
	"testing"

	"lobby.example/eventlog"
)

func categoriesBound(t *testing.T, open Open) {
	place := t.TempDir()
	l := reopen(t, open, place, "post", "connection")
	if got := head(t, l); !got.IsZero() {
		t.Fatalf("the head of an empty log is %v", got)
	}
	write(t, l, "other-1", eventlog.NoStream, some(5)...)
	write(t, l, "postbox-1", eventlog.NoStream, some(5)...)
	if got := head(t, l); !got.IsZero() {
		t.Fatalf("the head is %v where all was filtered out", got)
	}
	var want []eventlog.Recorded
	for i := range eventlog.Revision(10) {
		want = append(want, recordAppend(t, l, "connection-1", i*2-1, some(2))...)
		write(t, l, "other-1", 4+i*3, some(3)...)
		want = append(want, recordAppend(t, l, "post-1", i-1, some(1))...)
	}
	for i := range eventlog.Revision(2) { // as written, and opened again
		other := write(t, l, "other-2", i-1, some(1)...).Positions[0]
		ctx := deadline(t)
		if got, last := head(t, l), want[len(want)-1].Position; got != last {
			t.Fatalf("the head is %v, want that of the last event to be followed, %v", got, last)
		}
		for _, limit := range []int{0, 1, 4} {
			same(t, all(t, l.ReadAll(ctx, eventlog.Position{}, eventlog.Forward, limit)), first(limit, want))
			same(t, all(t, l.ReadAll(ctx, eventlog.Position{}, eventlog.Backward, limit)), first(limit, backward(want)))
		}
		same(t, follow(t, l, eventlog.Position{}, len(want)), want)

		// Through passes what is filtered out, and is a place to go on from.
		through := throughPasses(t, l, other)
		want = append(want, recordAppend(t, l, "post-1", 9+i, some(1))...)
		same(t, follow(t, l, through, 1), want[len(want)-1:])
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l = reopen(t, open, place, "post", "connection")
	}
}

// throughPasses follows from the start, while ever more is written that is
// filtered out, until Through is at or past a place where nothing was seen.
func throughPasses(t *testing.T, l eventlog.Log, place eventlog.Position) eventlog.Position {
	t.Helper()
	ctx, stop := context.WithCancel(deadline(t))
	var writing sync.WaitGroup
	defer writing.Wait()
	defer stop()
	noise := "noise-" + place.String()
	writing.Go(func() {
		for at := eventlog.NoStream; ctx.Err() == nil; at++ {
			if _, err := l.Append(ctx, noise, at, some(1)); err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	})
	for batch, err := range l.Follow(ctx, eventlog.Position{}) {
		if err != nil {
			t.Error(err)
			break
		}
		if batch.Through.Compare(place) >= 0 {
			return batch.Through
		}
	}
	t.FailNow()
	return place
}

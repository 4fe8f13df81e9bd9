package eventlogtest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"lobby.example/eventlog"
)

// follow collects n events from a position on.
func follow(t *testing.T, l eventlog.Log, after eventlog.Position, n int) (events []eventlog.Recorded) {
	t.Helper()
	for batch, err := range l.Follow(deadline(t), after) {
		if err != nil {
			t.Fatalf("after %d of %d events: %v", len(events), n, err)
		}
		if events = append(events, batch.Events...); len(events) >= n {
			break
		}
	}
	return events
}

func followCatchesUpAndGoesOn(t *testing.T, open Open) {
	l := fresh(t, open)
	// A follower at the head is told so.
	for batch, err := range l.Follow(deadline(t), eventlog.Position{}) {
		if err != nil || len(batch.Events) != 0 || !batch.CaughtUp || !batch.Through.IsZero() {
			t.Fatalf("the first batch of an empty log: %+v, %v", batch, err)
		}
		break
	}
	want := recordAppend(t, l, "post-1", eventlog.NoStream, some(50))
	at := eventlog.Revision(49)
	var got []eventlog.Recorded
	for batch, err := range l.Follow(deadline(t), eventlog.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, batch.Events...)
		if n := len(batch.Events); n > 0 && batch.Through.Compare(batch.Events[n-1].Position) < 0 {
			t.Fatalf("Through is %v after an event at %v", batch.Through, batch.Events[n-1].Position)
		}
		if !batch.CaughtUp {
			continue
		}
		same(t, got, want)
		if len(want) == 60 {
			break
		}
		want = append(want, recordAppend(t, l, "post-1", at, some(1))...)
		at++
	}
}

// followersSeeOneOrder lets many write while several follow: some from the start,
// some that begin in the middle, some that give up after each batch and resume.
func followersSeeOneOrder(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
	const writers, each, followers = 8, 100, 6
	total := 0
	for w := range writers {
		total += each * (w%3 + 1)
	}
	seen := make([][]eventlog.Recorded, followers)
	var work sync.WaitGroup
	for f := range followers {
		work.Go(func() {
			var after eventlog.Position
			for len(seen[f]) < total {
				for batch, err := range l.Follow(ctx, after) {
					if err != nil {
						t.Errorf("follower %d after %d of %d events: %v", f, len(seen[f]), total, err)
						return
					}
					seen[f] = append(seen[f], batch.Events...)
					after = batch.Through
					if len(seen[f]) >= total || f%2 == 1 && len(batch.Events) > 0 {
						break
					}
				}
			}
		})
	}
	for w := range writers {
		work.Go(func() {
			n := w%3 + 1
			for i := range each {
				if _, err := l.Append(ctx, fmt.Sprintf("post-%d", w), eventlog.Revision(i*n)-1, some(n)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	if t.Failed() {
		return
	}
	want := everything(t, l)
	revisions := map[string]eventlog.Revision{}
	for i, e := range want {
		if i > 0 && want[i-1].Position.Compare(e.Position) >= 0 {
			t.Fatalf("positions do not ascend: %v, %v", want[i-1].Position, e.Position)
		}
		if e.Revision != revisions[e.Stream] {
			t.Fatalf("%s has revision %d where %d was expected", e.Stream, e.Revision, revisions[e.Stream])
		}
		revisions[e.Stream]++
	}
	if len(want) != total {
		t.Fatalf("%d events, %d were appended", len(want), total)
	}
	for f := range seen {
		same(t, seen[f], want)
	}
}

func followResumes(t *testing.T, open Open) {
	l := fresh(t, open)
	var want []eventlog.Recorded
	for i := range 20 {
		want = append(want, recordAppend(t, l, fmt.Sprintf("post-%d", i%3), eventlog.Revision(i/3*2)-1, some(2))...)
	}
	for i, e := range want[:len(want)-1] {
		same(t, follow(t, l, e.Position, len(want)-i-1), want[i+1:])
	}
	// From the last one there is nothing, until there is.
	last := want[len(want)-1].Position
	for batch, err := range l.Follow(deadline(t), last) {
		if err != nil {
			t.Fatal(err)
		}
		if len(batch.Events) > 0 {
			same(t, batch.Events, want[len(want)-1:])
			break
		}
		if batch.Through != last || !batch.CaughtUp {
			t.Fatalf("the first batch at the head: %+v", batch)
		}
		want = append(want, recordAppend(t, l, "post-new", eventlog.NoStream, some(1))...)
	}
}

func refused(t *testing.T, l eventlog.Log, p eventlog.Position, want error) {
	t.Helper()
	n, errs := fails(l.Follow(deadline(t), p), func() {})
	if n != 0 || len(errs) != 1 || !errors.Is(errs[0], want) {
		t.Fatalf("follow after %v: %d batches, then %v; want %v", p, n, errs, want)
	}
}

func foreignIsRefused(t *testing.T, open Open) {
	l := fresh(t, open)
	foreign := eventlog.NewIdentity("some other log").At(1, 1)
	refused(t, l, foreign, eventlog.ErrForeign)
	write(t, l, "post-1", eventlog.NoStream, some(3)...)
	refused(t, l, foreign, eventlog.ErrForeign)
}

func beyondHeadIsRefused(t *testing.T, open Open) {
	l := fresh(t, open)
	p := write(t, l, "post-1", eventlog.NoStream, some(3)...).Positions[2]
	beyond, err := eventlog.ParsePosition(fmt.Sprintf("%.16s-%d", p, p.Commit()+1_000_000))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, l, beyond, eventlog.ErrBeyondHead)
	follow(t, l, p, 0)
}

package eventlogtest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

func acknowledgedIsSeen(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
	for i := range eventlog.Revision(100) {
		a := write(t, l, "post-1", i-1, some(1)...)
		if got := head(t, l); got != a.Positions[0] {
			t.Fatalf("the head is %v after an append at %v", got, a.Positions[0])
		}
		for what, seq := range map[string]iter.Seq2[eventlog.Recorded, error]{
			"the stream's tail":    l.ReadStream(ctx, "post-1", i, eventlog.Forward, 0),
			"its newest event":     l.ReadStream(ctx, "post-1", eventlog.End, eventlog.Backward, 1),
			"the newest of all":    l.ReadAll(ctx, eventlog.Position{}, eventlog.Backward, 1),
			"the event at a place": l.ReadAll(ctx, a.Positions[0], eventlog.Backward, 1),
		} {
			if got := all(t, seq); len(got) != 1 || got[0].Revision != i || got[0].Position != a.Positions[0] {
				t.Fatalf("%s after revision %d: %v", what, i, got)
			}
		}
		if got := all(t, l.ReadStream(ctx, "post-1", i+1, eventlog.Forward, 0)); len(got) != 0 {
			t.Fatalf("beyond the tail after revision %d: %v", i, got)
		}
	}
}

func readStream(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
	var want []eventlog.Recorded
	for i := range 4 {
		write(t, l, "post-2", eventlog.Revision(i*2)-1, some(2)...)
		want = append(want, recordAppend(t, l, "post-1", eventlog.Revision(i*3)-1, some(3))...)
	}
	last := eventlog.Revision(len(want) - 1)
	for _, limit := range []int{0, 1, 2, 5, 12, 100} {
		for from := range last + 3 {
			got := all(t, l.ReadStream(ctx, "post-1", from, eventlog.Forward, limit))
			same(t, got, first(limit, want[min(from, last+1):]))

			got = all(t, l.ReadStream(ctx, "post-1", from, eventlog.Backward, limit))
			same(t, got, first(limit, backward(want[:min(from, last)+1])))
		}
		same(t, all(t, l.ReadStream(ctx, "post-1", eventlog.End, eventlog.Backward, limit)), first(limit, backward(want)))
		same(t, all(t, l.ReadStream(ctx, "post-1", eventlog.End, eventlog.Forward, limit)), nil)
	}
}

func readAll(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
	var want []eventlog.Recorded
	for i := range eventlog.Revision(5) {
		want = append(want, recordAppend(t, l, "post-1", i-1, some(1))...)
		want = append(want, recordAppend(t, l, "connection-1", i*2-1, some(2))...)
	}
	for i := range len(want) - 1 {
		if want[i].Position.Compare(want[i+1].Position) >= 0 {
			t.Fatalf("positions do not ascend: %v, %v", want[i].Position, want[i+1].Position)
		}
	}
	for _, limit := range []int{0, 1, 4, 15, 100} {
		same(t, all(t, l.ReadAll(ctx, eventlog.Position{}, eventlog.Forward, limit)), first(limit, want))
		same(t, all(t, l.ReadAll(ctx, eventlog.Position{}, eventlog.Backward, limit)), first(limit, backward(want)))
		for i, e := range want {
			same(t, all(t, l.ReadAll(ctx, e.Position, eventlog.Forward, limit)), first(limit, want[i+1:]))
			same(t, all(t, l.ReadAll(ctx, e.Position, eventlog.Backward, limit)), first(limit, backward(want[:i+1])))
		}
	}
}

func first(limit int, events []eventlog.Recorded) []eventlog.Recorded {
	if limit == 0 {
		return events
	}
	return events[:min(limit, len(events))]
}

func backward(events []eventlog.Recorded) []eventlog.Recorded {
	events = slices.Clone(events)
	slices.Reverse(events)
	return events
}

func missingStream(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
	for range 2 { // in an empty log, and beside a stream
		for _, from := range []eventlog.Revision{0, 7, eventlog.End} {
			same(t, all(t, l.ReadStream(ctx, "post-missing", from, eventlog.Forward, 0)), nil)
			same(t, all(t, l.ReadStream(ctx, "post-missing", from, eventlog.Backward, 0)), nil)
		}
		write(t, l, "post-"+uuid.NewString(), eventlog.NoStream, some(1)...)
	}
}

// fails counts what a sequence yields after its context is made to end at the
// second element, and its errors.
func fails[T any](seq iter.Seq2[T, error], second func()) (values int, errs []error) {
	for _, err := range seq {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if values++; values == 2 {
			second()
		}
		if len(errs) > 0 {
			errs = append(errs, errors.New("a value after an error"))
		}
	}
	return values, errs
}

func oneErrorAtTheEnd(t *testing.T, open Open) {
	l := fresh(t, open)
	write(t, l, "post-1", eventlog.NoStream, some(20)...)
	one := eventlog.NoStream
	more := func() { write(t, l, "post-2", one, some(1)...); one++ }
	sequences := map[string]func(context.Context, func()) (int, []error){
		"ReadStream": func(ctx context.Context, second func()) (int, []error) {
			return fails(l.ReadStream(ctx, "post-1", 0, eventlog.Forward, 0), second)
		},
		"ReadStream backward": func(ctx context.Context, second func()) (int, []error) {
			return fails(l.ReadStream(ctx, "post-1", eventlog.End, eventlog.Backward, 0), second)
		},
		"ReadAll": func(ctx context.Context, second func()) (int, []error) {
			return fails(l.ReadAll(ctx, eventlog.Position{}, eventlog.Forward, 0), second)
		},
		"ReadAll backward": func(ctx context.Context, second func()) (int, []error) {
			return fails(l.ReadAll(ctx, eventlog.Position{}, eventlog.Backward, 0), second)
		},
	}
	for name, sequence := range sequences {
		ctx, cancel := context.WithCancel(t.Context())
		if n, errs := sequence(ctx, cancel); n != 2 || len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
			t.Errorf("%s, cancelled at the second event: %d events, then %v", name, n, errs)
		}
		if n, errs := sequence(ctx, cancel); n != 0 || len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
			t.Errorf("%s, cancelled before: %d events, then %v", name, n, errs)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, errs := 0, []error(nil)
	for _, err := range l.Follow(ctx, eventlog.Position{}) {
		if err != nil {
			errs = append(errs, err)
		} else if n++; n == 1 {
			more()
		} else {
			cancel()
		}
	}
	if n != 2 || len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
		t.Errorf("Follow, cancelled at the second batch: %d batches, then %v", n, errs)
	}
	past, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if n, errs := fails(l.Follow(past, eventlog.Position{}), more); n != 0 || len(errs) != 1 || !errors.Is(errs[0], context.DeadlineExceeded) {
		t.Errorf("Follow past its deadline: %d batches, then %v", n, errs)
	}
}

func nothingIsHeld(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
	write(t, l, "post-1", eventlog.NoStream, some(10)...)
	at := eventlog.Revision(9)
	more := func() {
		write(t, l, "post-1", at, some(1)...)
		at++
		stream(t, l, "post-1")
		everything(t, l)
	}
	for _, direction := range []eventlog.Direction{eventlog.Forward, eventlog.Backward} {
		for _, err := range l.ReadStream(ctx, "post-1", 5, direction, 3) {
			if err != nil {
				t.Fatal(err)
			}
			more()
		}
		for _, err := range l.ReadAll(ctx, eventlog.Position{}, direction, 3) {
			if err != nil {
				t.Fatal(err)
			}
			more()
		}
	}
	for batch, err := range l.Follow(ctx, eventlog.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n := len(batch.Events); n > 0 && batch.Events[n-1].Revision >= 30 {
			break
		}
		more()
	}
}

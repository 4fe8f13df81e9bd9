package eventlogtest

import (
	"errors"
	"fmt"
	"testing"

	"lobby.example/eventlog"
)

func receivedBelongsToReceiver(t *testing.T, open Open) {
	place := t.TempDir()
	l := reopen(t, open, place)
	given := some(5)
	kept := make([]eventlog.Event, len(given))
	for i, e := range given {
		kept[i] = e
		kept[i].Data, kept[i].Metadata = append([]byte(nil), e.Data...), append([]byte(nil), e.Metadata...)
	}
	want := recorded("post-1", write(t, l, "post-1", eventlog.NoStream, given...), kept)
	for i := range given { // the writer may use its buffers again
		spoil(&given[i])
	}
	look := func() [][]eventlog.Recorded {
		return [][]eventlog.Recorded{
			follow(t, l, eventlog.Position{}, 5), follow(t, l, eventlog.Position{}, 5), stream(t, l, "post-1"), everything(t, l),
			backward(all(t, l.ReadStream(deadline(t), "post-1", eventlog.End, eventlog.Backward, 0))),
		}
	}
	for range 3 { // from wherever an engine keeps what it read before
		views := look()
		for i, view := range views {
			same(t, view, want)
			for e := range view { // what is added to one event does not run into another
				_ = append(view[e].Data, "added to the data"...)
				_ = append(view[e].Metadata, "added to the metadata"...)
			}
			same(t, view, want)
			for e := range view {
				spoil(&view[e].Event)
			}
			for _, other := range views[i+1:] {
				same(t, other, want)
			}
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = reopen(t, open, place)
	for _, view := range look() {
		same(t, view, want)
	}
}

func spoil(e *eventlog.Event) {
	clear(e.Data)
	clear(e.Metadata)
	e.ID[0]++
	e.Kind = "spoilt"
}

// soon fails the test unless n goroutines end with ErrClosed.
func soon(t *testing.T, n int, ended <-chan error) {
	t.Helper()
	ctx := deadline(t)
	for range n {
		select {
		case err := <-ended:
			if !errors.Is(err, eventlog.ErrClosed) {
				t.Errorf("closing the log ended a follower or an append with %v", err)
			}
		case <-ctx.Done():
			t.Fatal("a follower or an append goes on after Close")
		}
	}
}

func closedSaysSo(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := t.Context() // without a deadline, which would end a wait that Close should end
	p := write(t, l, "post-1", eventlog.NoStream, some(3)...).Positions[2]
	const followers = 3
	waiting, ended := make(chan struct{}, followers), make(chan error, followers)
	for range followers {
		go func() {
			var last error
			for _, err := range l.Follow(ctx, p) {
				if last = err; err == nil {
					waiting <- struct{}{}
				}
			}
			ended <- last
		}()
	}
	for range followers {
		<-waiting
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	soon(t, followers, ended)
	if err := l.Close(); err != nil {
		t.Errorf("closed a second time: %v", err)
	}
	nothing := func() {}
	for name, err := range map[string]error{
		"Append":     second(l.Append(ctx, "post-1", 2, some(1))),
		"Head":       second(l.Head(ctx)),
		"ReadStream": only(t)(fails(l.ReadStream(ctx, "post-1", 0, eventlog.Forward, 0), nothing)),
		"tail":       only(t)(fails(l.ReadStream(ctx, "post-1", 3, eventlog.Forward, 0), nothing)),
		"ReadAll":    only(t)(fails(l.ReadAll(ctx, p, eventlog.Backward, 0), nothing)),
		"Follow":     only(t)(fails(l.Follow(ctx, p), nothing)),
	} {
		if !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("%s of a closed log: %v", name, err)
		}
	}
}

// closedUnderLoad closes a log while many append: each is told, and what was
// acknowledged is there.
func closedUnderLoad(t *testing.T, open Open) {
	place := t.TempDir()
	const rounds, writers = 10, 64
	acknowledged := make([]int, writers)
	for range rounds {
		l := reopen(t, open, place)
		start, ended := head(t, l), make(chan error, writers)
		for w := range writers {
			at := len(stream(t, l, fmt.Sprintf("post-%d", w)))
			if at < acknowledged[w] || at > acknowledged[w]+1 {
				t.Fatalf("%d events of writer %d after Close, who was told of %d", at, w, acknowledged[w])
			}
			acknowledged[w] = at
			go func() {
				for ; ; acknowledged[w]++ {
					_, err := l.Append(t.Context(), fmt.Sprintf("post-%d", w), eventlog.Revision(acknowledged[w])-1, some(1))
					if err != nil {
						ended <- err
						return
					}
				}
			}()
		}
		follow(t, l, start, 2*writers) // they are at it
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		soon(t, writers, ended)
	}
}

func second[T any](_ T, err error) error { return err }

func only(t *testing.T) func(int, []error) error {
	return func(values int, errs []error) error {
		t.Helper()
		if values != 0 || len(errs) != 1 {
			t.Errorf("%d values and errors %v, want one error", values, errs)
		}
		return errors.Join(errs...)
	}
}

func openedAgain(t *testing.T, open Open) {
	place := t.TempDir()
	var want []eventlog.Recorded
	var retry []eventlog.Event
	for i := range eventlog.Revision(4) {
		l := reopen(t, open, place)
		same(t, everything(t, l), want)
		if i > 0 {
			middle := want[len(want)/2]
			p, err := eventlog.ParsePosition(middle.Position.String())
			if err != nil {
				t.Fatal(err)
			}
			same(t, follow(t, l, p, len(want)-len(want)/2-1), want[len(want)/2+1:])
			write(t, l, "post-1", (i-1)*3-1, retry...)
			conflict(t, l, "post-1", eventlog.NoStream, i*3-1, some(1)...)
			if got, last := head(t, l), want[len(want)-1].Position; got != last {
				t.Fatalf("the head is %v, want %v", got, last)
			}
		}
		retry = some(3)
		want = append(want, recordAppend(t, l, "post-1", i*3-1, retry)...)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

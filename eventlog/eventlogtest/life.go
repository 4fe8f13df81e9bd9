package eventlogtest

import (
	"errors"
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
	_ = append(e.Data, "over the end of the data"...)
	_ = append(e.Metadata, "over the end of the metadata"...)
	e.ID[0]++
	e.Kind = "spoilt"
}

func closedSaysSo(t *testing.T, open Open) {
	l := fresh(t, open)
	ctx := deadline(t)
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
	for range followers {
		if err := <-ended; !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("a follower of a log that is closed ended with %v", err)
		}
	}
	if err := l.Close(); err != nil {
		t.Errorf("closed a second time: %v", err)
	}
	for name, err := range map[string]error{
		"Append":     second(l.Append(ctx, "post-1", 2, some(1))),
		"Head":       second(l.Head(ctx)),
		"ReadStream": only(t, l, func() (int, []error) { return fails(l.ReadStream(ctx, "post-1", 0, eventlog.Forward, 0), func() {}) }),
		"tail":       only(t, l, func() (int, []error) { return fails(l.ReadStream(ctx, "post-1", 3, eventlog.Forward, 0), func() {}) }),
		"ReadAll":    only(t, l, func() (int, []error) { return fails(l.ReadAll(ctx, p, eventlog.Backward, 0), func() {}) }),
		"Follow":     only(t, l, func() (int, []error) { return fails(l.Follow(ctx, p), func() {}) }),
	} {
		if !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("%s of a closed log: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func only(t *testing.T, _ eventlog.Log, sequence func() (int, []error)) error {
	t.Helper()
	n, errs := sequence()
	if n != 0 || len(errs) != 1 {
		t.Errorf("%d values and errors %v, want one error", n, errs)
	}
	return errors.Join(errs...)
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

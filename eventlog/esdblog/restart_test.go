package esdblog

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// TestServerRestartUnderLoad: writers and readers go on through restarts of the
// server without an error, and nothing is lost or written twice.
func TestServerRestartUnderLoad(t *testing.T) {
	s := esdbtest.Start(t)
	l := open(t, s.URL, Options{})
	const writers, restarts = 16, 3
	var acknowledged [writers]atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			stream := "post-" + string(rune('a'+w))
			for at := eventlog.NoStream; ctx.Err() == nil; at++ {
				e := event()
				if _, err := l.Append(t.Context(), stream, at, []eventlog.Event{e}); err != nil {
					t.Errorf("append at %d: %v", at, err)
					return
				}
				acknowledged[w].Add(1)
				if _, err := l.Head(t.Context()); err != nil {
					t.Errorf("head: %v", err)
					return
				}
			}
		})
	}
	total := func() (n int64) {
		for w := range acknowledged {
			n += acknowledged[w].Load()
		}
		return n
	}
	// Progress, not time, says when to go on.
	progress := func() {
		for goal := total() + 200; total() < goal && !t.Failed(); {
			if _, err := l.Head(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	for range restarts {
		progress()
		s.Stop(t)
		s.Start(t)
	}
	progress()
	stop()
	work.Wait()
	next := map[string]eventlog.Revision{}
	seen := int64(0)
	for _, e := range all(t, l) {
		if e.Revision != next[e.Stream] {
			t.Fatalf("%s has revision %d, want %d", e.Stream, e.Revision, next[e.Stream])
		}
		next[e.Stream]++
		seen++
	}
	if seen != total() {
		t.Errorf("%d events, %d were acknowledged", seen, total())
	}
}

// TestEachCallHasADeadline: a server that takes connections and says nothing, or that
// stops saying anything, holds nobody up.
func TestEachCallHasADeadline(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	within(t, 300*time.Millisecond+2*grace, "opening a mute server", func() {
		if _, err := Open(ctx, "esdb://"+mute.Addr().String()+"?tls=false", Options{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error", err)
		}
	})

	w := newWire(t, esdbtest.Start(t).URL)
	l := open(t, w.URL, Options{Deadline: 300 * time.Millisecond, Patience: 600 * time.Millisecond})
	at := write(t, l, "post-1", eventlog.NoStream, event()).Revision
	w.freeze(true)
	within(t, 600*time.Millisecond+2*grace, "calls to a frozen server", func() {
		var callers sync.WaitGroup
		for _, call := range []func() error{
			func() error { _, err := l.Append(t.Context(), "post-1", at, events(1)); return err },
			func() error { _, err := l.Head(t.Context()); return err },
			func() error {
				for _, err := range l.ReadStream(t.Context(), "post-1", 0, eventlog.Forward, 0) {
					return err
				}
				return nil
			},
			func() error {
				for _, err := range l.ReadAll(t.Context(), eventlog.Position{}, eventlog.Forward, 0) {
					return err
				}
				return nil
			},
		} {
			callers.Go(func() {
				if call() == nil {
					t.Error("an answer from a frozen server")
				}
			})
		}
		callers.Wait()
	})
	w.freeze(false)
	w.cut()
	if got := all(t, l); len(got) < 1 {
		t.Errorf("%d events after the server came back", len(got))
	}
}

// TestCloseWhileTheServerIsFrozen: Close is soon over, whatever is in flight, and
// everybody is told.
func TestCloseWhileTheServerIsFrozen(t *testing.T) {
	w := newWire(t, esdbtest.Start(t).URL)
	l := open(t, w.URL, Options{Deadline: 500 * time.Millisecond})
	p := write(t, l, "post-1", eventlog.NoStream, event()).Positions[0]
	const callers = 32
	ended := make(chan error, 2*callers)
	following := make(chan struct{}, callers)
	for range callers {
		go func() {
			for _, err := range l.Follow(t.Context(), p) {
				if err != nil {
					ended <- err
				} else {
					following <- struct{}{}
				}
			}
		}()
	}
	for range callers {
		<-following
	}
	w.freeze(true)
	for range callers {
		go func() {
			_, err := l.Append(t.Context(), "post-1", 0, events(1))
			ended <- err
		}()
	}
	within(t, 500*time.Millisecond+3*grace, "closing", func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		for range 2 * callers {
			if err := <-ended; !errors.Is(err, eventlog.ErrClosed) {
				t.Errorf("a caller ended with %v", err)
			}
		}
	})
}

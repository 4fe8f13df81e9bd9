package esdblog

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// TestOpenWaitsForTheServer: the program may start before its event store.
func TestOpenWaitsForTheServer(t *testing.T) {
	s := esdbtest.Start(t)
	s.Stop(t)
	tried := make(chan struct{}, 100)
	options := Options{bounds: bounds{pause: func(ctx context.Context, attempt int) error {
		tried <- struct{}{}
		return pause(ctx, attempt)
	}}}
	opened := make(chan error, 1)
	go func() {
		l, err := Open(deadline(t), s.URL, options)
		if err == nil {
			err = l.Close()
		}
		opened <- err
	}()
	<-tried
	<-tried
	s.Start(t)
	if err := <-opened; err != nil {
		t.Error(err)
	}

	s.Stop(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	within(t, 2*time.Second, "opening without a server", func() {
		if _, err := Open(ctx, s.URL, Options{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error", err)
		}
	})
}

// TestDeadClientIsReplaced: after a failed discovery the client is dead for good, and
// who waits for it would wait for ever, whatever the context. Many call while the
// server is away; each is told in time, and once it is back the same log works.
func TestDeadClientIsReplaced(t *testing.T) {
	s := esdbtest.Start(t)
	l := open(t, s.URL, Options{Patience: 500 * time.Millisecond})
	at := write(t, l, "post-1", eventlog.NoStream, event()).Revision
	for range 3 {
		s.Stop(t)
		within(t, 500*time.Millisecond+2*grace, "64 calls without a server", func() {
			var callers sync.WaitGroup
			for i := range 64 {
				callers.Go(func() {
					if _, err := l.Head(t.Context()); err == nil {
						t.Errorf("caller %d got a head from a server that is down", i)
					}
				})
			}
			callers.Wait()
		})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Append(ctx, "post-1", at, events(1)); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled append without a server: %v", err)
		}
		s.Start(t)
		at = write(t, l, "post-1", at, event()).Revision
	}
}

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

// TestOldClientIsClosedWhenIdle: to close a client with calls in flight can panic, so
// the last call closes it.
func TestOldClientIsClosedWhenIdle(t *testing.T) {
	l := open(t, esdbtest.Start(t).URL, Options{})
	u, err := l.clients.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.clients.retire(u)
	l.clients.retire(u)
	if _, err := l.identityEvent(t.Context(), u.client); err != nil {
		t.Errorf("the old client in the hands of its last user: %v", err)
	}
	next, err := l.clients.acquire(t.Context())
	if err != nil || next.client == u.client {
		t.Errorf("the same client again (%v)", err)
	}
	l.clients.release(u)
	if _, err := l.identityEvent(t.Context(), u.client); !hasCode(err, esdb.ErrorCodeConnectionClosed) {
		t.Errorf("the old client after its last user: %v", err)
	}
	if _, err := l.identityEvent(t.Context(), next.client); err != nil {
		t.Errorf("the new client: %v", err)
	}
	l.clients.release(next)
	l.clients.leave()
	l.clients.leave()
}

// TestNotTheLeaderIsAsked: reads that may be older than what was acknowledged are not
// what eventlog.Log promises.
func TestNotTheLeaderIsAsked(t *testing.T) {
	for connection, ok := range map[string]bool{
		"esdb://one:2113?tls=false":                                 true,
		"kurrentdb://one:2113?tls=false":                            true,
		"esdb+discover://cluster:2113":                              true,
		"kurrentdb+discover://cluster:2113":                         true,
		"esdb://one:2113,two:2113,three:2113?nodePreference=leader": true,
		"esdb://one:2113?nodePreference=follower":                   false,
		"postgres://one:5432":                                       false,
	} {
		var o Options
		if err := o.complete(); err != nil {
			t.Fatal(err)
		}
		if _, err := configure(connection, o); (err == nil) != ok {
			t.Errorf("%s: %v", connection, err)
		}
	}
	if _, err := Open(t.Context(), "esdb://one:2113", Options{Prefix: "$system"}); !errors.Is(err, eventlog.ErrInvalid) {
		t.Errorf("a prefix of system streams: %v", err)
	}
}

package esdblog

import (
	"context"
	"errors"
	"runtime"
	"sync"
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
	users := func() int {
		l.clients.mu.Lock()
		defer l.clients.mu.Unlock()
		return u.calls
	}
	for ctx := deadline(t); users() > 0 && ctx.Err() == nil; { // the one who watches the connection lets go, too
		runtime.Gosched()
	}
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

// TestOneIdentity: of many who open a new log at once one gives it its identity, and
// the same place has the same identity ever after. Another prefix is another log.
func TestOneIdentity(t *testing.T) {
	s := esdbtest.Start(t)
	identities := make(chan eventlog.Identity, 16)
	var opening sync.WaitGroup
	for range cap(identities) {
		opening.Go(func() {
			l, err := Open(deadline(t), s.URL, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			identities <- l.identity()
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
	close(identities)
	want := open(t, s.URL, Options{}).identity()
	for got := range identities {
		if got != want {
			t.Errorf("the identity is %x, and of another who opened it at the same time %x", want, got)
		}
	}
	if got := open(t, s.URL, Options{Prefix: "x."}).identity(); got == want {
		t.Error("two logs in one server have the same identity")
	}
}

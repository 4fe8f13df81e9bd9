package esdblog

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// TestE01FollowersMissNothingWhileTheServerRestarts: dropped subscriptions never come
// back by themselves. Several follow while the server stops and starts, while the
// connection is cut, and while many write; each gets every event once, in one order.
func TestE01FollowersMissNothingWhileTheServerRestarts(t *testing.T) {
	s := esdbtest.Start(t)
	w := newWire(t, s.URL)
	l := open(t, w.URL, Options{Categories: []string{"post"}})
	const followers, writers, each = 4, 4, 60
	seen := make([][]eventlog.Recorded, followers)
	var work sync.WaitGroup
	for f := range followers {
		work.Go(func() {
			for batch, err := range l.Follow(deadline(t), eventlog.Position{}) {
				if err != nil {
					t.Errorf("follower %d after %d events: %v", f, len(seen[f]), err)
					return
				}
				seen[f] = append(seen[f], batch.Events...)
				if len(seen[f]) >= writers*each {
					return
				}
			}
		})
	}
	written := make(chan struct{}, 2*writers*each)
	for i := range writers {
		work.Go(func() {
			for at := range eventlog.Revision(each) {
				for _, stream := range []string{"post", "other"} {
					if _, err := l.Append(deadline(t), fmt.Sprintf("%s-%d", stream, i), at-1, events(1)); err != nil {
						t.Error(err)
						return
					}
					written <- struct{}{}
				}
			}
		})
	}
	for n := range 2 * writers * each {
		<-written
		switch n % 120 {
		case 40:
			w.cut()
		case 80:
			s.Stop(t)
			s.Start(t)
		}
	}
	work.Wait()
	want := all(t, l)
	if len(want) != writers*each {
		t.Fatalf("%d events, want %d", len(want), writers*each)
	}
	for f := range seen {
		if !slices.EqualFunc(seen[f], want, func(a, b eventlog.Recorded) bool { return a.ID == b.ID && a.Position == b.Position }) {
			t.Errorf("follower %d saw %d events in another order than they are", f, len(seen[f]))
		}
	}
}

// TestE05BackoffGrowsAndIsPartlyByChance so that many do not come back together.
func TestE05BackoffGrowsAndIsPartlyByChance(t *testing.T) {
	for attempt := range 100 {
		most := min(shortestPause<<min(attempt, 20), longestPause)
		different := map[time.Duration]bool{}
		for range 100 {
			d := backoff(attempt)
			if d < most/2 || d > most {
				t.Fatalf("pause %d is %v, want between %v and %v", attempt, d, most/2, most)
			}
			different[d] = true
		}
		if len(different) < 50 {
			t.Errorf("only %d different pauses of 100 at attempt %d", len(different), attempt)
		}
	}
}

// TestE05ManyFollowersReconnectAsOne: while the server is away, the number of attempts
// to reach it does not depend on how many wait for it, and only one is under way.
func TestE05ManyFollowersReconnectAsOne(t *testing.T) {
	s := esdbtest.Start(t)
	w := newWire(t, s.URL)
	const followers, attempts = 20, 4
	reconnecting := make(chan int, 10_000)
	l := open(t, w.URL, Options{bounds: bounds{pause: func(ctx context.Context, attempt int) error {
		reconnecting <- attempt
		return pause(ctx, attempt)
	}}})
	ctx, cancel := context.WithCancel(deadline(t))
	defer cancel()
	var work sync.WaitGroup
	live := make(chan bool, followers)
	for range followers {
		work.Go(func() {
			for batch, err := range l.Follow(ctx, eventlog.Position{}) {
				switch {
				case ctx.Err() != nil:
				case err != nil:
					t.Error(err)
				case len(batch.Events) > 0:
					live <- true
					return
				case batch.Through.IsZero():
					live <- true
				}
			}
		})
	}
	for range followers {
		<-live
	}
	before := w.dials()
	s.Stop(t)
	for attempt := range reconnecting { // of the one who makes a client, since the others wait for it
		if attempt == attempts-1 {
			break
		}
	}
	if dials := w.dials() - before; dials > 3*attempts {
		t.Errorf("%d followers dialled %d times in %d attempts", followers, dials, attempts)
	}
	s.Start(t)
	write(t, l, "post-1", eventlog.NoStream, event())
	for range followers {
		<-live
	}
	cancel()
	work.Wait()
}

// TestE05SubscriptionThatDropsAtOnceIsNoStorm: a server that takes every subscription
// and drops it as soon as it has caught up is asked at longer and longer intervals.
func TestE05SubscriptionThatDropsAtOnceIsNoStorm(t *testing.T) {
	server, s := serveLens(t, embedded(t), 0)
	const drops = 6
	var attempts []int
	l := open(t, s.URL, Options{bounds: bounds{pause: func(ctx context.Context, attempt int) error {
		if attempts = append(attempts, attempt); len(attempts) == drops {
			server.dropping.Store(false)
			write(t, s.Log, "post-1", 0, event())
		}
		return ctx.Err()
	}}})
	p := write(t, l, "post-1", eventlog.NoStream, event()).Positions[0]
	server.dropping.Store(true)
	for batch, err := range l.Follow(deadline(t), p) {
		if err != nil {
			t.Fatal(err)
		}
		if len(batch.Events) > 0 {
			break
		}
	}
	if want := []int{0, 1, 2, 3, 4, 5}; !slices.Equal(attempts, want) {
		t.Errorf("the pauses were of attempts %v, want %v", attempts, want)
	}
}

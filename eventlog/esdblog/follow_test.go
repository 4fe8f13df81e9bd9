package esdblog

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
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
	var l *Log
	l = open(t, s.URL, Options{bounds: bounds{pause: func(ctx context.Context, attempt int) error {
		if attempts = append(attempts, attempt); len(attempts) == drops {
			write(t, l, "post-1", 0, event())
		}
		return ctx.Err()
	}}})
	p := write(t, l, "post-1", eventlog.NoStream, event()).Positions[0]
	server.drops.Store(drops)
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

// TestSubscriptionBeginsAtThePosition and not at the end, which is where the client
// begins by default; also where the events are older than the log's identity, as
// after a copy from another cluster.
func TestSubscriptionBeginsAtThePosition(t *testing.T) {
	s := esdbtest.Start(t)
	config, err := esdb.ParseConnectionString(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	older := event()
	for _, stream := range []string{"copied.post-1", "others"} {
		if _, err := client.AppendToStream(deadline(t), stream, esdb.AppendToStreamOptions{}, proposed([]eventlog.Event{older})...); err != nil {
			t.Fatal(err)
		}
		older.ID = event().ID
	}
	for prefix, want := range map[string]int{"copied.": 2, "new.": 1} {
		newer := event()
		for range 2 { // the first time, and again
			l := open(t, s.URL, Options{Prefix: prefix, Categories: []string{"post"}})
			if _, err := l.Append(deadline(t), "post-2", eventlog.NoStream, []eventlog.Event{newer}); err != nil {
				t.Fatal(err)
			}
			got := 0
			for batch, err := range l.Follow(deadline(t), eventlog.Position{}) {
				if err != nil {
					t.Fatal(err)
				}
				if got += len(batch.Events); batch.CaughtUp {
					break
				}
			}
			if got != want || len(all(t, l)) != want {
				t.Errorf("%s: %d events followed, %d read, want %d", prefix, got, len(all(t, l)), want)
			}
			if earlier := l.birth.first == (esdb.Start{}); earlier != (want == 2) {
				t.Errorf("%s: reads go back to %v", prefix, l.birth.first)
			}
		}
	}
}

// TestFilterIsTheServers: what the server is asked for and what is seen here are the
// same, and neither shows system events, other logs or the log's own identity.
func TestFilterIsTheServers(t *testing.T) {
	for _, c := range []struct {
		prefix     string
		categories []string
		seen, not  []string
	}{
		{"", nil, []string{"post-1", "anything", "x.post-1"}, []string{"$stats-1", "$$post-1", "$ce-post"}},
		{"", []string{"post", "person"}, []string{"post-1", "person-2-3", "post"}, []string{"postbox-1", "a-post-1", "$ce-post", "Post-1", ""}},
		{"a.b+", []string{"post"}, []string{"a.b+post-1"}, []string{"post-1", "axb+post-1", "a.bbpost-1", "$$a.b+post-1", "a.b+postbox-1"}},
		{"a.", nil, []string{"a.post-1"}, []string{"b.post-1", "$a.post-1"}},
	} {
		f := newFilter(c.prefix, c.categories)
		server := func(name string) bool {
			if f.server.Regex != "" {
				return regexp.MustCompile(f.server.Regex).MatchString(name)
			}
			return slices.ContainsFunc(f.server.Prefixes, func(p string) bool { return len(name) >= len(p) && name[:len(p)] == p })
		}
		here := func(name string) bool { stream, ok := f.stream(name); return ok && f.sees(stream) }
		for _, name := range c.seen {
			if !server(name) || !here(name) {
				t.Errorf("%q %v: %s is not seen", c.prefix, c.categories, name)
			}
		}
		for _, name := range c.not {
			if server(name) || here(name) {
				t.Errorf("%q %v: %s is seen", c.prefix, c.categories, name)
			}
		}
		if here(c.prefix + identityStream) {
			t.Errorf("%q %v: the identity is seen", c.prefix, c.categories)
		}
	}
}

// TestFollowEndsWhereTheServerRefuses: asking again would get the same answer.
func TestFollowEndsWhereTheServerRefuses(t *testing.T) {
	log := embedded(t)
	var refuse atomic.Bool
	s := esdbtest.Serve(t, log, esdbserver.Options{Recheck: time.Millisecond, Append: esdbtest.Appender(log),
		MayRead: func(context.Context, esdbserver.Credentials) esdbserver.Access {
			if refuse.Load() {
				return esdbserver.Denied
			}
			return esdbserver.Reader
		}})
	l := open(t, s.URL, Options{})
	var ended error
	at := eventlog.NoStream
	for _, err := range l.Follow(deadline(t), eventlog.Position{}) {
		if ended = err; err == nil {
			refuse.Store(true)
			at = write(t, log, "post-1", at, event()).Revision // so that there is something to refuse
		}
	}
	if ended == nil || errors.Is(ended, context.DeadlineExceeded) || passing(ended) {
		t.Errorf("the follower ended with %v", ended)
	}
}

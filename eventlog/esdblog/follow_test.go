package esdblog

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// TestSubscriptionBeginsAtThePosition and not at the end, which is where the client
// begins by default; also where the events are older than the log's identity, as
// after a copy from another cluster.
func TestSubscriptionBeginsAtThePosition(t *testing.T) {
	s := esdbtest.Start(t)
	config, err := esdb.ParseConnectionString(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = esdb.NoopLogging()
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

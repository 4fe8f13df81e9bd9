package esdblog

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
	"lobby.example/eventlog/eventlogtest"
)

// realServer names the variable with the connection string of a real server, for
// the suite to run against.
const realServer = "LOBBY_TEST_ESDB"

// full lets an event of eventlog.MaxEventBytes through, which a server counts
// together with its kind.
const full = eventlog.MaxEventBytes + 1024

func open(t testing.TB, url string, options Options) *Log {
	t.Helper()
	l, err := Open(deadline(t), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func deadline(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// places opens each place of the suite as a log of its own, under a prefix in a
// server that all of them share.
func places(url string, prefix func(place int) string, options Options) eventlogtest.Open {
	var mu sync.Mutex
	prefixes := map[string]string{}
	return func(place string, categories ...string) (eventlogtest.Log, error) {
		mu.Lock()
		if prefixes[place] == "" {
			prefixes[place] = prefix(len(prefixes))
		}
		options := options
		options.Prefix, options.Categories = prefixes[place], categories
		mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return Open(ctx, url, options)
	}
}

// short are prefixes of one letter, since esdbserver's names are no longer than the
// longest that the suite gives to a stream and one letter more.
func short(place int) string { return string(rune('0' + place)) }

func long(int) string { return "lobbytest" + uuid.NewString() + "." }

// servers gives each place of the suite a server of its own.
func servers(t *testing.T, options Options) eventlogtest.Open {
	var mu sync.Mutex
	running := map[string]*esdbtest.Server{}
	return func(place string, categories ...string) (eventlogtest.Log, error) {
		mu.Lock()
		defer mu.Unlock()
		if running[place] == nil {
			running[place] = esdbtest.Start(t)
		}
		options := options
		options.Categories = categories
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return Open(ctx, running[place].URL, options)
	}
}

// TestLog runs the conformance suite over the real client: against servers that are
// ours alone, and against one that many share, with bounds that make reads and batches
// short ones.
func TestLog(t *testing.T) {
	t.Run("alone", func(t *testing.T) { eventlogtest.Exercise(t, servers(t, Options{MaxAppendBytes: full})) })
	t.Run("in a shared cluster, across the bounds", func(t *testing.T) {
		options := Options{MaxAppendBytes: full, BatchEvents: 50, bounds: bounds{window: 5, page: 200, headPage: 1}}
		eventlogtest.Exercise(t, places(esdbtest.Start(t).URL, short, options))
	})
}

// TestRealServer runs the suite against a real EventStoreDB or KurrentDB. It needs
// one that takes appends of 2 MiB (EVENTSTORE_MAX_APPEND_SIZE or
// KURRENTDB_MAX_APPEND_SIZE of 2097152), since the suite writes an event of 1 MiB.
func TestRealServer(t *testing.T) {
	url := os.Getenv(realServer)
	if url == "" {
		t.Skipf("SKIPPED: nothing here ran against a real EventStoreDB or KurrentDB. Set %s=esdb://... to one that takes appends of 2 MiB.", realServer)
	}
	eventlogtest.Exercise(t, places(url, long, Options{MaxAppendBytes: full}))
}

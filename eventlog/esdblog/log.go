// Package esdblog is the event log in EventStoreDB or KurrentDB, for those who
// outgrow one machine.
//
// It promises what eventlog.Log promises, through the public Go client, and it
// outlives the server: while that restarts or a cluster elects a leader, calls
// try again for a while, and followers for as long as it takes, from where they
// were. An append whose outcome is not known is repeated with the same event ids
// at the same expected revision, and never at another.
//
// It never trusts a client further than one call: each has a deadline in front,
// a client that lost its server is replaced by a new one, and closed only when
// nothing uses it. It never deletes, never creates a persistent subscription or a
// projection, and shows no stream of others in a cluster that it shares.
//
// It needs a server of version 23.10 or newer, which says when a subscription has
// caught up, and reads from the leader. All processes of one installation must open
// it with the same prefix.
package esdblog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// Options say how a log is opened. The zero value is a good choice.
type Options struct {
	// Categories are what ReadAll, Follow and Head see; none means all streams
	// under the prefix. Append and ReadStream are not bound by them.
	Categories []string
	// Prefix stands before the name of every stream on the server, and before
	// nothing that this package gives out: it keeps one log apart from others
	// in a cluster that is shared.
	Prefix string
	// MaxAppendBytes is the server's limit on one append, which counts data,
	// metadata and twice the length of the kind of all its events; 0 means 1 MiB,
	// what a server has unless its MaxAppendSize says otherwise.
	MaxAppendBytes int
	// BatchEvents bounds the events of one batch of Follow; 0 means 2,048. A
	// batch ends earlier once it holds 8 MiB.
	BatchEvents int
	// Deadline bounds each call to the server; 0 means 5 seconds.
	Deadline time.Duration
	// Patience bounds how long an operation other than Follow tries again when
	// the server is away; 0 means 20 seconds.
	Patience time.Duration
	// Logger hears of lost and found connections; nil means nobody does.
	Logger *slog.Logger

	bounds bounds // other than the usual ones, for tests
}

// bounds change how much is asked of the server at once, and never what is found.
type bounds struct {
	window   int // events that the server looks at before it tells how far it came
	page     int // events that a read takes at once
	headPage int // events that Head looks at first
	pause    func(ctx context.Context, attempt int) error
}

var usual = bounds{window: 2000, page: 1024, headPage: 8, pause: pause}

// pageBytes ends a page or a batch that holds more.
const pageBytes = 8 << 20

// Log is an eventlog.Log on a server.
type Log struct {
	options Options
	filter  filter
	clients *clients
	birth   birth
	horizon horizon
	logger  *slog.Logger

	ctx    context.Context // ends with Close
	close  context.CancelFunc
	closed sync.Once
}

var _ eventlog.Log = (*Log)(nil)

// Open connects to the server or cluster that a connection string names, such as
// esdb://user:password@one:2113,two:2113,three:2113, and gives the log an identity
// when it has none. While the server is not there yet it goes on trying until the
// context ends. It fails at once when the server answers and refuses.
func Open(ctx context.Context, connection string, options Options) (*Log, error) {
	if err := options.complete(); err != nil {
		return nil, fmt.Errorf("esdblog: open: %w", err)
	}
	config, err := configure(connection, options)
	if err != nil {
		return nil, fmt.Errorf("esdblog: open: %w", err)
	}
	l := &Log{options: options, filter: newFilter(options.Prefix, options.Categories), logger: options.Logger}
	l.ctx, l.close = context.WithCancel(context.Background())
	l.clients = &clients{config: *config, check: l.identify, watch: l.watch, pause: options.bounds.pause, deadline: options.Deadline, logger: options.Logger, closing: l.ctx.Done()}
	u, err := l.clients.acquire(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("esdblog: open: %w", err), l.Close())
	}
	l.clients.release(u)
	l.clients.leave()
	return l, nil
}

func (o *Options) complete() error {
	if strings.HasPrefix(o.Prefix, "$") || len(o.Prefix) > 100 || !utf8.ValidString(o.Prefix) || strings.ContainsFunc(o.Prefix, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("%w: prefix %q", eventlog.ErrInvalid, o.Prefix)
	}
	o.Categories = slices.Clone(o.Categories)
	for value, otherwise := range map[*int]int{&o.MaxAppendBytes: 1 << 20, &o.BatchEvents: 2048} {
		if *value <= 0 {
			*value = otherwise
		}
	}
	for value, otherwise := range map[*time.Duration]time.Duration{&o.Deadline: 5 * time.Second, &o.Patience: 20 * time.Second} {
		if *value <= 0 {
			*value = otherwise
		}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	b := &o.bounds
	for value, otherwise := range map[*int]int{&b.window: usual.window, &b.page: usual.page, &b.headPage: usual.headPage} {
		if *value <= 0 {
			*value = otherwise
		}
	}
	if b.pause == nil {
		b.pause = usual.pause
	}
	return nil
}

// configure reads a connection string. What the client would do by itself and we
// do better is switched off: finding the server more than once, and logging.
func configure(connection string, options Options) (*esdb.Configuration, error) {
	for _, scheme := range []string{"kurrentdb", "kurrent", "kdb"} { // what KurrentDB calls the same
		if rest, ok := strings.CutPrefix(connection, scheme); ok && (strings.HasPrefix(rest, "://") || strings.HasPrefix(rest, "+")) {
			connection = "esdb" + rest
		}
	}
	config, err := esdb.ParseConnectionString(connection)
	if err != nil {
		return nil, fmt.Errorf("connection string: %w", err)
	}
	if config.NodePreference != esdb.NodePreferenceLeader {
		return nil, errors.New("connection string: nodePreference must be leader, whose reads are never older than what was acknowledged")
	}
	config.MaxDiscoverAttempts, config.DiscoveryInterval = 1, 0
	config.GossipTimeout = max(1, int(options.Deadline/time.Second))
	logger := options.Logger
	config.Logger = func(_ esdb.LogLevel, format string, args ...any) {
		if logger.Enabled(context.Background(), slog.LevelDebug) {
			logger.Debug("event store client: " + fmt.Sprintf(format, args...))
		}
	}
	return config, nil
}

// Close ends the log: sequences that are being read answer ErrClosed, and appends
// that are under way are finished, within the deadline of a call.
func (l *Log) Close() error {
	l.closed.Do(func() {
		l.close()
		l.clients.drain(l.options.Deadline + grace)
	})
	return nil
}

// ended is the error with which everything must stop now, if there is one.
func (l *Log) ended(ctx context.Context) error {
	if l.ctx.Err() != nil {
		return eventlog.ErrClosed
	}
	return ctx.Err()
}

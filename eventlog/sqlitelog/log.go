// Package sqlitelog is the embedded event log: one SQLite file, written by one
// goroutine.
//
// It promises what eventlog.Log promises, with positions that count 1, 2, 3
// without a gap, and with an fsync before every answer to an Append. Appends
// that wait at the same time share one transaction and one fsync.
//
// It never lets a second process write to the file, never looks at the data of
// an event, and never holds a transaction while a reader looks at what it got.
package sqlitelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// Options say how a log is opened. The zero value is a good choice.
type Options struct {
	// Categories are what ReadAll, Follow and Head see; none means all.
	// Append and ReadStream are not bound by them.
	Categories []string
	// BatchEvents bounds the events of one batch of Follow; 0 means 2,048. A
	// batch ends earlier once it holds 8 MiB.
	BatchEvents int

	bounds bounds // other than the usual ones, for tests
}

// bounds of what is kept in memory. They change where a log looks and never what
// it finds, which the tests prove with smaller ones.
type bounds struct {
	heads       int    // streams in each of two generations, about 150 bytes each
	recentBytes int    // of events, except for those that the index must take in first
	indexEvery  uint64 // events
	indexBytes  int    // or bytes, whichever comes first
	readPage    int    // events that ReadStream and ReadAll take from the file at once
}

var usual = bounds{heads: 1 << 16, recentBytes: 8 << 20, indexEvery: 1024, indexBytes: 4 << 20, readPage: 1024}

// Log is an eventlog.Log in one SQLite file.
type Log struct {
	identity   eventlog.Identity
	categories []string
	batch      int
	bounds     bounds

	lock            *sql.DB // holds the lock file
	write           *sql.DB // one connection, the writer's
	read            *sql.DB
	byName          *sql.Stmt
	inStream, inAll order

	heads   *heads
	recent  *recent
	visible atomic.Uint64 // what Head answers
	counts  counts

	queue    chan *request
	control  chan func(*writer) // runs between two transactions; for tests
	closing  chan struct{}      // closed by Close
	stopped  chan struct{}      // closed once the writer is gone
	closed   sync.Once
	closeErr error
}

var _ eventlog.Log = (*Log)(nil)

// Open opens the log in the file, and makes it when there is none. Beside the
// file SQLite keeps two of its own, with -wal and -shm at the end of their names,
// and the lock that keeps a second process out ends in -lock. Open reads no more
// than a few thousand rows, however long the log is.
//
// It fails with ErrLocked when another process, or another Log, has the file.
func Open(path string, options Options) (*Log, error) {
	l := &Log{
		categories: slices.Clone(options.Categories),
		batch:      options.BatchEvents,
		bounds:     options.bounds,
		queue:      make(chan *request, queueLength),
		control:    make(chan func(*writer)),
		closing:    make(chan struct{}),
		stopped:    make(chan struct{}),
	}
	if l.batch <= 0 {
		l.batch = 2048
	}
	if l.bounds == (bounds{}) {
		l.bounds = usual
	}
	l.heads = newHeads(l.bounds.heads)
	if err := l.open(path); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlitelog: open %s: %w", path, err), l.closeFiles())
	}
	return l, nil
}

func (l *Log) open(path string) (err error) {
	if l.lock, err = takeLock(path + "-lock"); err != nil {
		return err
	}
	if l.write, err = connect(path, 1, true, writerPragmas); err != nil {
		return err
	}
	if l.read, err = connect(path, readConnections, true, readerPragmas); err != nil {
		return err
	}
	ctx := context.Background()
	name, err := prepareSchema(ctx, l.write)
	if err != nil {
		return err
	}
	if _, err := uuid.Parse(name); err != nil {
		return fmt.Errorf("the log's identity: %w", err)
	}
	l.identity = eventlog.NewIdentity(name)
	if l.byName, err = l.read.Prepare(selectHead); err != nil {
		return err
	}
	if l.inStream, err = prepareOrder(l.read, eventsOfStream, inStream); err != nil {
		return err
	}
	if l.inAll, err = prepareOrder(l.read, eventsOfAll, inAll); err != nil {
		return err
	}
	w, err := newWriter(ctx, l)
	if err != nil {
		return err
	}
	if err := l.findVisible(ctx); err != nil {
		return errors.Join(err, w.conn.Close())
	}
	go w.run()
	return nil
}

// Close ends the log: appends that are being written are finished, those that
// still wait answer ErrClosed, and so does every sequence that is being read.
func (l *Log) Close() error {
	l.closed.Do(func() {
		close(l.closing)
		<-l.stopped
		l.closeErr = errors.Join(l.settle(), l.closeFiles())
	})
	return l.closeErr
}

// settle moves what was committed into the file itself, so that whoever copies that
// alone after a clean end has the log. A reader that is still at it keeps some of
// it in the write-ahead log, which is as safe there.
func (l *Log) settle() error {
	if l.write == nil {
		return nil
	}
	if _, err := l.write.Exec("pragma wal_checkpoint(truncate)"); err != nil {
		return fmt.Errorf("sqlitelog: close: %w", err)
	}
	return nil
}

func (l *Log) closeFiles() (err error) {
	for _, db := range []*sql.DB{l.read, l.write, l.lock} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}

// ended is the error with which everything must stop now, if there is one.
func (l *Log) ended(ctx context.Context) error {
	select {
	case <-l.closing:
		return eventlog.ErrClosed
	default:
		return ctx.Err()
	}
}

// failure is what a caller is told when reading failed: a log that was closed
// under a reader is closed, whatever SQLite says about it.
func (l *Log) failure(ctx context.Context, doing string, err error) error {
	if err := l.ended(ctx); err != nil {
		return err
	}
	return fmt.Errorf("sqlitelog: %s: %w", doing, err)
}

// sees reports whether ReadAll, Follow and Head show the stream.
func (l *Log) sees(stream string) bool {
	return len(l.categories) == 0 || slices.Contains(l.categories, eventlog.Category(stream))
}

package sqlitemodel

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"

	"lobby.example/readmodel"
)

// Store is one open build.
//
// While it is filled it is one connection that has the file to itself, which
// Apply and View share. Finish gives it a write-ahead log and readers. An Apply
// that fails before that, other than with ErrMoved, and a Finish that fails, close
// the store: the build is then only good to be dropped.
type Store struct {
	engine *Engine
	model  readmodel.Model
	path   string

	writer    *pool // of one
	readers   atomic.Pointer[pool]
	coalescer *readmodel.Coalescer // of who holds the writer
	filling   bool                 // likewise
	unindexed unindexed            // likewise
	checks    checkpointer
	running   sync.WaitGroup // the checkpointer

	closing  sync.Once
	closed   chan struct{}
	closeErr error
}

var _ readmodel.Store = (*Store)(nil)

// A build that is being filled is thrown away after a crash and after a failure,
// so there is nothing to go back to: it is one transaction from Create to Finish
// without a journal, and nothing has to reach the disk in any order. Committing
// every Apply instead, with a journal in memory, costs three times the CPU at a
// thousand rows each.
var fillingPragmas = []string{"page_size(4096)", "locking_mode(exclusive)", "journal_mode(off)", "synchronous(off)", "cache_size(-65536)"}

// With synchronous=normal a commit does not wait for the disk; the write-ahead
// log is synced before it is copied into the file. So a power cut can take the
// last transactions, whole ones and in order, with the checkpoint that each of
// them moved: the log has their events, and they are applied again.
var writerPragmas = []string{"journal_mode(wal)", "synchronous(normal)", "cache_size(-32768)", "temp_store(memory)", "wal_autocheckpoint(32000)", "journal_size_limit(134217728)"}

var checkpointerPragmas = []string{"synchronous(normal)"}

var readerPragmas = []string{"query_only(true)", "cache_size(-8192)"}

func newStore(e *Engine, model readmodel.Model, path string) (*Store, error) {
	coalescer, err := readmodel.NewCoalescer(model)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, model: model, path: path, coalescer: coalescer, closed: make(chan struct{}), checks: checkpointer{due: make(chan struct{}, 1)}}
	s.writer = newPool(1, s.closed)
	return s, nil
}

func createStore(ctx context.Context, e *Engine, model readmodel.Model, path string) (*Store, error) {
	s, err := newStore(e, model, path)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	c, err := connect(path, fillingPragmas...)
	if err != nil {
		return nil, err
	}
	script := "begin immediate;" + checkpointTable
	for _, t := range model.Tables {
		script += createTable(t) + createLate(t)
		if t.Once { // statements find its rows by them, with no primary key to do so
			script += createIndexes(t)
		}
	}
	if err := c.script(ctx, script); err != nil {
		return nil, errors.Join(err, c.Close(), os.Remove(path))
	}
	s.filling = true
	s.writer.put(c)
	s.readers.Store(s.writer)
	return s, nil
}

func openStore(ctx context.Context, e *Engine, model readmodel.Model, path string) (*Store, error) {
	if err := checkFinished(ctx, path); err != nil {
		return nil, err
	}
	s, err := newStore(e, model, path)
	if err != nil {
		return nil, err
	}
	c, err := connect(path, writerPragmas...)
	if err != nil {
		return nil, err
	}
	if err := s.goLive(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	s.unindexed.unknown()
	s.writer.put(c)
	return s, nil
}

// goLive opens what a finished build has besides its writer.
func (s *Store) goLive() error {
	readers := newPool(s.engine.readers, s.closed)
	for range s.engine.readers {
		c, err := connect(s.path, readerPragmas...)
		if err != nil {
			return errors.Join(err, readers.abandon())
		}
		readers.put(c)
	}
	c, err := connect(s.path, checkpointerPragmas...)
	if err != nil {
		return errors.Join(err, readers.abandon())
	}
	s.readers.Store(readers)
	s.running.Go(func() { s.checks.run(c, s.closed) })
	return nil
}

// Checkpoint reads the stored checkpoint.
func (s *Store) Checkpoint(ctx context.Context) (readmodel.Checkpoint, error) {
	return s.View(ctx, func(readmodel.Query) error { return nil })
}

// Close waits for the Apply and the Views that run, so neither may call it.
func (s *Store) Close() error {
	err := s.release()
	s.engine.forget(s) // not before, so that the engine's Close waits too
	return err
}

func (s *Store) release() error {
	s.closing.Do(func() {
		close(s.closed)
		s.closeErr = s.writer.drain()
		s.running.Wait()
		if readers := s.readers.Load(); readers != s.writer {
			s.closeErr = errors.Join(s.closeErr, readers.drain())
		}
	})
	return s.closeErr
}

package sqlitemodel

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"lobby.example/readmodel"
)

// Store is one open build.
//
// While it is filled it is one connection that has the file to itself, which
// Apply and View share. Finish gives it a write-ahead log and readers. A failure
// before that, other than ErrMoved, closes the store: the build is then only good
// to be dropped.
type Store struct {
	engine *Engine
	model  readmodel.Model
	path   string

	writer    *pool // of one
	readers   atomic.Pointer[pool]
	coalescer *readmodel.Coalescer // of who holds the writer
	filling   bool                 // likewise
	checks    checkpointer
	checked   chan error // closed with the checkpointer, which it gives what closing it gave

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
var fillingPragmas = []string{"page_size(8192)", "locking_mode(exclusive)", "journal_mode(off)", "synchronous(off)", "cache_size(-65536)"}

// With synchronous=normal a commit does not wait for the disk; the write-ahead
// log is synced before it is copied into the file. So a power cut can take the
// last transactions, whole ones and in order, with the checkpoint that each of
// them moved: the log has their events, and they are applied again.
var writerPragmas = []string{"journal_mode(wal)", "synchronous(normal)", "cache_size(-32768)", "wal_autocheckpoint(8000)", "journal_size_limit(67108864)"}

var checkpointerPragmas = []string{"synchronous(normal)"}

var readerPragmas = []string{"query_only(true)", "cache_size(-8192)"}

func newStore(e *Engine, model readmodel.Model, path string) (*Store, error) {
	coalescer, err := readmodel.NewCoalescer(model)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, model: model, path: path, coalescer: coalescer, closed: make(chan struct{})}
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
		script += createTable(t)
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
	if err := s.openReaders(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	s.writer.put(c)
	return s, nil
}

func (s *Store) openReaders() error {
	readers := newPool(s.engine.readers, s.closed)
	for range s.engine.readers {
		c, err := connect(s.path, readerPragmas...)
		if err != nil {
			for len(readers.free) < cap(readers.free) {
				readers.put(nil)
			}
			return errors.Join(err, readers.drain())
		}
		readers.put(c)
	}
	s.readers.Store(readers)
	return nil
}

// checkFinished fails with ErrNoBuild unless the file is a finished build.
func checkFinished(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return readmodel.ErrNoBuild
	}
	// Whoever fills it may hold the file for long: that is not waited for.
	c, err := connect(path, "query_only(true)", "busy_timeout(0)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	st, err := c.prepare("select finished from readmodel_checkpoint")
	if err != nil {
		return fmt.Errorf("%w that is finished: %w", readmodel.ErrNoBuild, err)
	}
	rows, err := st.QueryContext(ctx, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	var finished [1]driver.Value
	if err := rows.Next(finished[:]); err != nil || finished[0] != int64(1) {
		return fmt.Errorf("%w that is finished", readmodel.ErrNoBuild)
	}
	return nil
}

// Checkpoint reads the stored checkpoint.
func (s *Store) Checkpoint(ctx context.Context) (readmodel.Checkpoint, error) {
	return s.View(ctx, func(readmodel.Query) error { return nil })
}

// Finish makes the indexes, brings the file to the disk, and only then says in it
// that it is finished.
func (s *Store) Finish(ctx context.Context) error {
	c, err := s.writer.take(ctx)
	if err != nil {
		return err
	}
	if !s.filling {
		s.writer.put(c)
		return nil
	}
	c, err = s.finish(ctx, c)
	if err != nil {
		s.writer.put(c)
		return fmt.Errorf("sqlitemodel: finish %s: %w", s.path, errors.Join(err, s.Close()))
	}
	s.writer.put(c)
	return nil
}

// finish answers with the connection to go on with, if there is one.
func (s *Store) finish(ctx context.Context, c *connection) (*connection, error) {
	var indexes string
	for _, t := range s.model.Tables {
		for n := range t.Indexes {
			indexes += createIndex(t, n)
		}
	}
	if err := c.script(ctx, indexes+"commit"); err != nil {
		return c, err
	}
	if err := errors.Join(c.Close(), syncFile(s.path), syncDir(s.engine.dir)); err != nil {
		return nil, err
	}
	live, err := connect(s.path, writerPragmas...)
	if err != nil {
		return nil, err
	}
	if err := live.script(context.Background(), "update readmodel_checkpoint set finished = 1; pragma wal_checkpoint(full)"); err != nil {
		return nil, errors.Join(err, live.Close())
	}
	if err := s.openReaders(); err != nil {
		return live, err
	}
	s.filling = false
	return live, nil
}

// Close waits for the Apply and the Views that run, so neither may call it.
func (s *Store) Close() error {
	s.engine.forget(s)
	return s.release()
}

func (s *Store) release() error {
	s.closing.Do(func() {
		close(s.closed)
		s.closeErr = s.writer.drain()
		if readers := s.readers.Load(); readers != s.writer {
			s.closeErr = errors.Join(s.closeErr, readers.drain())
		}
	})
	return s.closeErr
}

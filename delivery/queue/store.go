// Package queue remembers what is to leave the system, and how far it got: one
// SQLite file with the items to deliver, the recipients that they wait for, the
// checkpoint of what was planned from the log, and the secrets of webhooks.
//
// It promises that items and checkpoint are planned in one transaction; that the
// items of one recipient are handed out in order and one at a time, each with an
// attempt that was counted before; and that what cannot be delivered is parked
// with everything behind it, until an operator retries or drops it. A crash
// brings an item again, never loses one. A power cut may take the last moments,
// the checkpoint with the items, and they come again; never a secret or a key.
//
// It never looks at content, never opens a connection to anybody, and never
// keeps an item in memory that is not being delivered. One process, the owner,
// plans and delivers; any process may look, retry and drop.
package queue

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// ErrClosed answers what is asked of a store after its Close.
var ErrClosed = errors.New("queue: the store is closed")

// Store is the file. It is safe for concurrent use.
type Store struct {
	path   string
	write  *sql.DB // one connection, the writer's
	read   *sql.DB
	writer writer
	claims atomic.Int64 // the last claim given

	mu            sync.Mutex // guards what follows
	closed        bool
	lock          *sql.DB // holds the lock file of the owner
	wakes         map[chan<- struct{}]struct{}
	closing       chan struct{} // closed by Close
	subscriptions sync.WaitGroup
}

// Open opens the store in the file, and makes it, readable by its user only, when
// there is none. Any number of processes may have it open. Beside the file SQLite
// keeps two of its own, with -wal and -shm at the end of their names, and the lock
// of the owner ends in -lock.
func Open(path string) (*Store, error) {
	s := &Store{path: path, wakes: map[chan<- struct{}]struct{}{}, closing: make(chan struct{})}
	if err := s.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("queue: open %s: %w", path, err), s.closeFiles())
	}
	return s, nil
}

func (s *Store) open() (err error) {
	if s.write, err = connect(s.path, 1, true, writerPragmas); err != nil {
		return err
	}
	if err := s.writer.open(s.write); err != nil {
		return err
	}
	if err := s.writer.change(prepareSchema); err != nil {
		return err
	}
	s.read, err = connect(s.path, readConnections, true, readerPragmas)
	return err
}

// Close ends the subscriptions as their Close does, waits for them, and closes
// the file. The ownership ends with it.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.closing)
	s.mu.Unlock()
	s.subscriptions.Wait()
	return s.closeFiles()
}

func (s *Store) closeFiles() error {
	err := s.writer.close()
	for _, db := range []*sql.DB{s.read, s.write, s.lock} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}

// wake tells the subscriptions of this process that something may be due.
func (s *Store) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.wakes {
		select {
		case w <- struct{}{}:
		default: // it has been told
		}
	}
}

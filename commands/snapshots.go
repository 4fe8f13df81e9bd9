package commands

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the driver

	"lobby.example/eventlog"
)

// Snapshot is a state as of one revision of its stream.
type Snapshot struct {
	Stream   string
	Version  int // of the noun's state
	Revision eventlog.Revision
	Position string // of the event at the revision
	State    []byte
}

// Snapshots keeps states and recent commands beside the log. It is local and
// disposable: whatever is lost is folded from the log again. A stream's snapshot
// and its commands up to that revision are kept together.
type Snapshots interface {
	// Load finds the newest snapshot of a stream, of that version only.
	Load(ctx context.Context, stream string, version int) (Snapshot, bool, error)
	// Command finds a command of the last day.
	Command(ctx context.Context, stream string, id uuid.UUID) (Remembered, bool, error)
	// Save keeps a snapshot and the commands since the one before, some time soon,
	// and calls kept when it has. It reports false, and keeps nothing, when there
	// is too much to do. Once it has failed to keep something it keeps nothing any
	// more, so that what is there stays whole.
	Save(snapshot Snapshot, commands []Remembered, kept func()) bool
}

// SnapshotFile keeps snapshots in a SQLite file. It never makes a command wait
// for the disk: what is saved is written behind, and lost in a crash.
type SnapshotFile struct {
	db     *sql.DB
	load   *sql.Stmt
	find   *sql.Stmt
	logger *slog.Logger
	broken atomic.Bool
	jobs   chan saveJob
	done   chan struct{}
}

type saveJob struct {
	Snapshot
	commands []Remembered
	kept     func()
}

var _ Snapshots = (*SnapshotFile)(nil)

const snapshotTables = `
create table if not exists snapshots (
	stream text primary key, version integer not null, revision integer not null, position text not null, state blob not null
) without rowid;
create table if not exists commands (
	stream text not null, command blob not null, content text not null, revision integer not null,
	position text not null, events integer not null, at integer not null, primary key (stream, command)
) without rowid;
create index if not exists commands_by_time on commands (at);`

// OpenSnapshots opens the file, and makes it when there is none.
func OpenSnapshots(path string, logger *slog.Logger) (*SnapshotFile, error) {
	// WAL with synchronous=NORMAL can lose its last transactions with the machine,
	// and then has older snapshots, but never half of one.
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, fmt.Errorf("commands: open snapshots: %w", err)
	}
	f := &SnapshotFile{db: db, logger: logger, jobs: make(chan saveJob, 256), done: make(chan struct{})}
	_, err = db.Exec(snapshotTables)
	if err == nil {
		f.load, err = db.Prepare(`select revision, position, state from snapshots where stream = $1 and version = $2`)
	}
	if err == nil {
		f.find, err = db.Prepare(`select content, revision, position, events, at from commands where stream = $1 and command = $2`)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("commands: open snapshots: %w", err), db.Close())
	}
	go f.write()
	return f, nil
}

// Close writes what is still to be written.
func (f *SnapshotFile) Close() error {
	close(f.jobs)
	<-f.done
	return f.db.Close()
}

func (f *SnapshotFile) Load(ctx context.Context, stream string, version int) (Snapshot, bool, error) {
	s := Snapshot{Stream: stream, Version: version}
	err := f.load.QueryRowContext(context.WithoutCancel(ctx), stream, version).Scan(&s.Revision, &s.Position, &s.State)
	return s, err == nil, notFoundIsFine(err)
}

func (f *SnapshotFile) Command(ctx context.Context, stream string, id uuid.UUID) (Remembered, bool, error) {
	r, at := Remembered{Command: id}, int64(0)
	err := f.find.QueryRowContext(context.WithoutCancel(ctx), stream, id[:]).Scan(&r.Content, &r.Revision, &r.Position, &r.Events, &at)
	r.At = time.UnixMicro(at)
	return r, err == nil, notFoundIsFine(err)
}

func notFoundIsFine(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// Save hands over to the one goroutine that writes.
func (f *SnapshotFile) Save(snapshot Snapshot, commands []Remembered, kept func()) bool {
	if f.broken.Load() {
		return false
	}
	select {
	case f.jobs <- saveJob{snapshot, commands, kept}:
		return true
	default:
		return false
	}
}

// write saves all that waits in one transaction, and forgets old commands now
// and then.
func (f *SnapshotFile) write() {
	defer close(f.done)
	var forgot time.Time
	for job := range f.jobs {
		batch := []saveJob{job}
		for len(batch) < cap(f.jobs) && len(f.jobs) > 0 {
			batch = append(batch, <-f.jobs)
		}
		if f.broken.Load() {
			continue
		}
		now := time.Now()
		forget := now.Sub(forgot) > time.Minute
		if err := f.save(batch, now, forget); err != nil {
			f.broken.Store(true)
			f.logger.Error("no snapshots until the next start", "error", err)
			continue
		}
		if forget {
			forgot = now
		}
		for _, job := range batch {
			job.kept()
		}
	}
}

func (f *SnapshotFile) save(batch []saveJob, now time.Time, forget bool) error {
	tx, err := f.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, job := range batch {
		for _, c := range job.commands {
			if _, err := tx.Exec(`insert or replace into commands (stream, command, content, revision, position, events, at) values ($1, $2, $3, $4, $5, $6, $7)`,
				job.Stream, c.Command[:], c.Content, c.Revision, c.Position, c.Events, c.At.UnixMicro()); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`insert or replace into snapshots (stream, version, revision, position, state) values ($1, $2, $3, $4, $5)`,
			job.Stream, job.Version, job.Revision, job.Position, job.State); err != nil {
			return err
		}
	}
	if forget {
		if _, err := tx.Exec(`delete from commands where at < $1`, now.Add(-window).UnixMicro()); err != nil {
			return err
		}
	}
	return tx.Commit()
}

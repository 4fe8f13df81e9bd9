package commands

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// SnapshotFile keeps snapshots in a SQLite file. It never makes a command wait
// for the disk: what is saved is written behind, and lost in a crash.
type SnapshotFile struct {
	db      *sql.DB
	load    *sql.Stmt
	find    *sql.Stmt
	logger  *slog.Logger
	broken  atomic.Bool
	jobs    chan saveJob
	closing chan struct{}
	done    chan struct{}
	close   sync.Once
}

type saveJob struct {
	Snapshot
	commands []Remembered
	kept     func()
}

var _ Snapshots = (*SnapshotFile)(nil)

const (
	// snapshotLayout is to be raised with every change of the tables. A file with
	// another is emptied.
	snapshotLayout = 2
	// snapshotConnections bounds the connections that read. They stay open, since
	// opening one costs more than what is read.
	snapshotConnections = 4
)

// forgetEvery is how often commands older than the window are looked for, among
// all of them: an index on time would cost every command a second tree.
const forgetEvery = time.Hour

const snapshotTables = `
drop table if exists snapshots;
drop table if exists commands;
create table snapshots (
	stream text primary key, version integer not null, revision integer not null, position text not null, event blob not null, state blob not null
) without rowid;
create table commands (
	stream text not null, command blob not null, revision integer, events integer, at integer, primary key (stream, command)
) without rowid;`

// OpenSnapshots opens the file, and makes it when there is none. One that cannot
// be read as a database is thrown away, since nothing in it is the only copy.
func OpenSnapshots(path string, logger *slog.Logger) (*SnapshotFile, error) {
	if logger == nil {
		logger = slog.Default()
	}
	db, err := openSnapshots(path)
	if code := (*sqlite.Error)(nil); errors.As(err, &code) && (code.Code()&0xff == sqlite3.SQLITE_NOTADB || code.Code()&0xff == sqlite3.SQLITE_CORRUPT) {
		logger.Warn("the snapshots cannot be read and begin anew", "file", path, "error", err)
		for _, end := range []string{"", "-wal", "-shm"} {
			os.Remove(path + end) // where this fails, so does the next line
		}
		db, err = openSnapshots(path)
	}
	if err != nil {
		return nil, fmt.Errorf("commands: open snapshots: %w", err)
	}
	f := &SnapshotFile{db: db, logger: logger, jobs: make(chan saveJob, 256), closing: make(chan struct{}), done: make(chan struct{})}
	if f.load, err = db.Prepare(`select revision, position, event, state from snapshots where stream = $1 and version = $2`); err == nil {
		f.find, err = db.Prepare(`select command, revision, events, at from commands where stream = $1 and command in ($2, $3, $4)`)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("commands: open snapshots: %w", err), db.Close())
	}
	go f.write()
	return f, nil
}

func openSnapshots(path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o600) // for its owner only, whatever the umask
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	// WAL with synchronous=NORMAL can lose its last transactions with the machine,
	// and then has older snapshots, but never half of one.
	query := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(normal)"}}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(snapshotConnections + 1)
	db.SetMaxIdleConns(snapshotConnections + 1)
	var layout int
	if err = db.QueryRow("pragma user_version").Scan(&layout); err == nil && layout != snapshotLayout {
		_, err = db.Exec("begin immediate;" + snapshotTables + "pragma user_version = " + strconv.Itoa(snapshotLayout) + ";commit")
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close writes what is still to be written. What is saved afterwards is not kept.
func (f *SnapshotFile) Close() (err error) {
	f.close.Do(func() {
		close(f.closing)
		<-f.done
		err = f.db.Close()
	})
	return err
}

// Load implements Snapshots.
func (f *SnapshotFile) Load(ctx context.Context, stream string, version int) (Snapshot, bool, error) {
	s := Snapshot{Stream: stream, Version: version}
	err := f.load.QueryRowContext(context.WithoutCancel(ctx), stream, version).Scan(&s.Revision, &s.Position, &s.Event, &s.State)
	if errors.Is(err, sql.ErrNoRows) {
		return s, false, nil
	}
	return s, err == nil, err
}

// Commands implements Snapshots.
func (f *SnapshotFile) Commands(ctx context.Context, stream string, ids []uuid.UUID) (found []Remembered, err error) {
	for three := range slices.Chunk(ids, 3) {
		last := len(three) - 1
		rows, err := f.find.QueryContext(context.WithoutCancel(ctx), stream, three[0][:], three[min(1, last)][:], three[last][:])
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var r Remembered
			var at int64
			if err := rows.Scan(&r.Command, &r.Revision, &r.Events, &at); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			r.At = time.UnixMicro(at)
			found = append(found, r)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Save hands over to the one goroutine that writes.
func (f *SnapshotFile) Save(snapshot Snapshot, commands []Remembered, kept func()) bool {
	select {
	case <-f.closing:
		return false
	default:
	}
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

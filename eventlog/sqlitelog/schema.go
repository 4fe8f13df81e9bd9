package sqlitelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the driver
)

// ErrLocked refuses a file that is open for writing elsewhere.
var ErrLocked = errors.New("the log is open in another process or a second time in this one")

const (
	applicationID   = 0x4c6f6279 // "Loby", so that tools can tell the file
	schemaVersion   = 1
	readConnections = 4
)

// The position is the key of an event's row, so that a commit only adds to the
// end of the table. Where the events of a stream are is in stream_event, which is
// filled many events at a time: an index kept up to date by every commit would
// write a page for each stream in it, ten times what the events take. A stream's
// name is stored once and stands behind a number, which keeps that table small.
const schema = `
create table log (
	identity text not null,
	indexed  integer not null -- stream_event has all events up to this position
);
create table stream (id integer primary key, name text not null unique);
create table event (
	position integer primary key,
	stream   integer not null,
	revision integer not null,
	id       blob not null,    -- the sixteen bytes of the UUID
	kind     text not null,
	time     integer not null, -- microseconds since 1970, UTC
	data     blob,
	metadata blob
);
create table stream_event (
	stream   integer not null,
	revision integer not null,
	position integer not null,
	primary key (stream, revision)
) without rowid;`

const (
	selectHead = `
		select id, coalesce((select max(revision) from stream_event where stream = id), -1)
		from stream where name = $1`
	selectEvents   = "select e.position, s.name, e.revision, e.id, e.kind, e.time, e.data, e.metadata "
	eventsOfStream = selectEvents + `
		from stream_event i join event e on e.position = i.position join stream s on s.id = i.stream
		where i.stream = $4 and i.revision between $1 and $2 order by i.revision`
	eventsOfAll = selectEvents + `
		from event e join stream s on s.id = e.stream
		where e.position between $1 and $2 order by e.position`
	selectLog = `
		select indexed, (select coalesce(max(position), 0) from event), (select coalesce(max(id), 0) from stream)
		from log`
	indexEvents = `
		insert or rollback into stream_event (stream, revision, position)
		select stream, revision, position from event where position > $1 and position <= $2`
)

// The writer's cache holds the end of the index of streams. Rolling back one
// statement of a group is never needed, so what SQLite keeps for that stays in memory.
var (
	writerPragmas = []string{"synchronous(full)", "busy_timeout(10000)", "cache_size(-65536)", "temp_store(memory)"}
	readerPragmas = []string{"query_only(true)", "busy_timeout(10000)", "cache_size(-16384)"}
)

// makePrivate makes the file, if it is not there, for its owner only: SQLite would
// ask the umask, and gives the files beside it the same permissions.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // and what it is, SQLite says
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func connect(path string, connections int, wal bool, pragmas []string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	query := url.Values{"_pragma": pragmas}
	if wal {
		query.Set("_journal_mode", "wal")
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// takeLock holds an exclusive lock on a file of its own until the result is
// closed or the process ends. It is SQLite's own lock, so it works wherever the
// driver does; and on a file beside the log, so that other processes can read.
func takeLock(path string) (*sql.DB, error) {
	db, err := connect(path, 1, false, []string{"busy_timeout(0)", "locking_mode(exclusive)"})
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec("begin exclusive"); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrLocked, err), db.Close())
	}
	return db, nil
}

// prepareSchema makes the tables of a new file, refuses a file that is something
// else, and answers with the log's identity.
func prepareSchema(ctx context.Context, db *sql.DB) (identity string, err error) {
	var application, version, tables int
	err = db.QueryRowContext(ctx, "select application_id, user_version, (select count(*) from sqlite_schema) from pragma_application_id, pragma_user_version").
		Scan(&application, &version, &tables)
	if err != nil {
		return "", err
	}
	switch {
	case application == 0 && version == 0 && tables == 0:
		if err := createSchema(ctx, db); err != nil {
			return "", err
		}
	case application != applicationID:
		return "", errors.New("the file is an SQLite database, but no event log")
	case version != schemaVersion:
		return "", fmt.Errorf("the file has format %d; this program knows %d", version, schemaVersion)
	}
	err = db.QueryRowContext(ctx, "select identity from log").Scan(&identity)
	return identity, err
}

func createSchema(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "insert into log values ($1, 0)", uuid.NewString()); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("pragma application_id = %d; pragma user_version = %d", applicationID, schemaVersion)); err != nil {
		return err
	}
	return tx.Commit()
}

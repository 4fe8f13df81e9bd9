package queue

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver
)

const (
	applicationID   = 0x4c6f6271 // "Lobq", so that tools can tell the file
	schemaVersion   = 1
	readConnections = 2
)

// A recipient is there as long as it has items or holds a claim. What is said of
// its first item (attempts, due, reason) is in its row, so that what is due is one
// look at one index, which the parked are not in, however many there are. The
// figures of a topic are kept by triggers: counting rows would make every look at
// them dearer, the more is parked.
const schema = `
create table item (
	seq         integer primary key autoincrement, -- the order of planning
	id          blob not null unique,
	recipient   integer not null,
	event       blob not null,
	stream      text not null,
	revision    integer not null,
	position    text not null,
	kind        text not null,
	time        integer not null, -- microseconds since 1970, UTC, as every time here
	correlation text not null
);
create index item_of_recipient on item (recipient, seq);
create table recipient (
	id       integer primary key autoincrement,
	name     text not null unique,
	topic    text not null,
	items    integer not null default 0,
	parked   integer not null default 0,
	attempts integer not null default 0, -- of the first item
	due      integer not null,           -- the first item is not handed out before
	since    integer not null,           -- parked then, or first in line then
	reason   text not null default '',   -- of the last failure
	claim    integer not null default 0  -- of the message that is being delivered
);
create index recipient_due on recipient (topic, due, id) where parked = 0 and claim = 0;
create index recipient_parked on recipient (name) where parked = 1;
create table topic (
	name              text primary key,
	items             integer not null default 0,
	recipients        integer not null default 0,
	parked_items      integer not null default 0,
	parked_recipients integer not null default 0
) without rowid;
create trigger recipient_counted after update of items, parked on recipient begin
	update topic set
		items             = items             + new.items - old.items,
		recipients        = recipients        + (new.items > 0) - (old.items > 0),
		parked_items      = parked_items      + new.items * new.parked - old.items * old.parked,
		parked_recipients = parked_recipients + (new.items > 0 and new.parked) - (old.items > 0 and old.parked)
	where name = new.topic;
end;
create table progress (
	position text not null, -- of the checkpoint; empty: there is none
	event    text not null,
	restart  text not null  -- where the operator wants to start; empty: nowhere
);
insert into progress values ('', '', '');
create table subscription (seq integer primary key autoincrement, webhook blob not null unique, kinds text not null);
create table secret (id blob primary key, webhook blob not null, secret text not null) without rowid;
create index secret_of_webhook on secret (webhook);
create table key (name text primary key, key blob not null) without rowid;`

// A secret that was removed is overwritten in the file.
var (
	writerPragmas = []string{"synchronous(normal)", "busy_timeout(10000)", "cache_size(-8192)", "temp_store(memory)", "secure_delete(on)"}
	readerPragmas = []string{"query_only(true)", "busy_timeout(10000)", "cache_size(-2048)"}
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

// prepareSchema makes the tables of a new file, and refuses a file that is
// something else. Two processes may open a new file at once: one makes them.
func prepareSchema(tx *transaction) error {
	var application, version, tables int
	err := tx.row("select application_id, user_version, (select count(*) from sqlite_schema) from pragma_application_id, pragma_user_version").
		Scan(&application, &version, &tables)
	switch {
	case err != nil:
		return err
	case application == 0 && version == 0 && tables == 0:
		return tx.script(schema + fmt.Sprintf("pragma application_id = %d; pragma user_version = %d", applicationID, schemaVersion))
	case application != applicationID:
		return errors.New("the file is an SQLite database, but not what delivery keeps")
	case version != schemaVersion:
		return fmt.Errorf("the file has format %d; this program knows %d", version, schemaVersion)
	}
	return nil
}

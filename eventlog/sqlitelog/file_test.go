package sqlitelog

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"lobby.example/eventlog"
)

func TestOpenedTwiceIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l := open(t, path, Options{})
	if second, err := Open(path, Options{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("opened a second time: %v, %v", second, err)
	}
	l.Close()
	open(t, path, Options{})
}

func TestAnotherFileIsRefused(t *testing.T) {
	for name, statements := range map[string]string{
		"no event log":   "create table t (x)",
		"format 2":       "pragma application_id = 1282368121; pragma user_version = 2; create table t (x)",
		"not a database": "",
	} {
		path := filepath.Join(t.TempDir(), "log")
		if statements == "" {
			path = filepath.Join(t.TempDir()) // a directory
			name = "unable to open"
		} else if db, err := sql.Open("sqlite", path); err != nil {
			t.Fatal(err)
		} else if _, err := db.Exec(statements); err != nil {
			t.Fatal(err)
		} else if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if l, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, %v", name, l, err)
		}
	}
}

// Another process may read the file with any SQLite while the log is open.
func TestOthersMayRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l := open(t, path, Options{})
	if _, err := l.Append(context.Background(), "post-1", eventlog.NoStream, []eventlog.Event{event(), event()}); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("select count(*) from event join stream on stream.id = event.stream where name = 'post-1'").Scan(&n); err != nil || n != 2 {
		t.Fatalf("%d events, %v", n, err)
	}
}

// TestNothingIsScanned: opening and reading cost the same however long the log is.
func TestNothingIsScanned(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "log"), Options{})
	for _, statement := range []string{selectHead, selectLog, indexEvents, eventsOfStream + " limit $3", eventsOfStream + " desc limit $3", eventsOfAll + " limit $3", eventsOfAll + " desc limit $3"} {
		rows, err := l.read.Query("explain query plan "+statement, 1, 2, 3, 4)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(step, "SCAN") && step != "SCAN log" && step != "SCAN CONSTANT ROW" || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s\n%s", statement, step)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTailAndLiveNeedNoFile closes the readers' connections: a look at the tail of
// a stream in use, and a follower that has caught up, are served from memory.
func TestTailAndLiveNeedNoFile(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "log"), Options{})
	ctx := t.Context()
	if _, err := l.Append(ctx, "post-1", eventlog.NoStream, []eventlog.Event{event()}); err != nil {
		t.Fatal(err)
	}
	if err := l.read.Close(); err != nil {
		t.Fatal(err)
	}
	tail := func() {
		for e, err := range l.ReadStream(ctx, "post-1", 1, eventlog.Forward, 0) {
			t.Errorf("beyond the tail: %v, %v", e, err)
		}
	}
	if n := testing.AllocsPerRun(100, tail); n > 0 {
		t.Errorf("a look at the tail allocates %v times", n)
	}
	at, n := eventlog.Revision(0), 0
	for batch, err := range l.Follow(ctx, eventlog.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n += len(batch.Events); n == 10 {
			break
		}
		if _, err := l.Append(ctx, "post-1", at, []eventlog.Event{event()}); err != nil {
			t.Fatal(err)
		}
		at++
	}
}

// TestAHoleIsAnError: where a file lost rows, readers stop there and say so. They
// never pass over it, and never wait for what will not come.
func TestAHoleIsAnError(t *testing.T) {
	for _, damage := range []string{"delete from event where position = 3", "delete from event where position > 2", "delete from stream_event where revision = 2"} {
		l := open(t, filepath.Join(t.TempDir(), "log"), Options{bounds: bounds{heads: 1, recentBytes: 0, indexEvery: 1, indexBytes: 1, readPage: 2}})
		for at := range eventlog.Revision(8) {
			if _, err := l.Append(t.Context(), "post-1", at-1, []eventlog.Event{event()}); err != nil {
				t.Fatal(err)
			}
		}
		onWriter(l, func(w *writer) {
			if _, err := w.conn.ExecContext(context.Background(), damage); err != nil {
				t.Error(err)
			}
		})
		var last error
		for _, last = range l.ReadStream(t.Context(), "post-1", 0, eventlog.Forward, 0) {
		}
		if !errors.Is(last, ErrDamaged) {
			t.Errorf("%s: ReadStream ended with %v", damage, last)
		}
		if strings.Contains(damage, "stream_event") {
			continue // which ReadAll and Follow do not use
		}
		for _, last = range l.ReadAll(t.Context(), eventlog.Position{}, eventlog.Backward, 0) {
		}
		if !errors.Is(last, ErrDamaged) {
			t.Errorf("%s: ReadAll ended with %v", damage, last)
		}
		for _, last = range l.Follow(t.Context(), eventlog.Position{}) {
		}
		if !errors.Is(last, ErrDamaged) {
			t.Errorf("%s: Follow ended with %v", damage, last)
		}
	}
}

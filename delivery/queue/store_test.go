package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
)

func open(tb testing.TB, path string) *Store {
	tb.Helper()
	s, err := Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// owner opens a store and owns it.
func owner(tb testing.TB, path string) *Store {
	tb.Helper()
	s := open(tb, path)
	if err := s.Own(); err != nil {
		tb.Fatal(err)
	}
	return s
}

func place(tb testing.TB) string { return filepath.Join(tb.TempDir(), "delivery.db") }

func must(tb interface {
	Helper()
	Fatal(...any)
}, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// item is the n-th event for a recipient.
func item(topic, recipient string, n int) Item {
	event := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, recipient, n))
	return Item{
		Topic: topic, Recipient: recipient, Event: event, ID: ItemID(recipient, event),
		Stream: "connection-" + uuid.Nil.String(), Revision: int64(n), Position: fmt.Sprint("at-", n), Kind: "message_sent",
		Time: time.Date(2026, 5, 1, 12, 0, n, 7000, time.UTC), Correlation: fmt.Sprint("correlation-", n),
	}
}

func plan(tb testing.TB, s *Store, items ...Item) {
	tb.Helper()
	must(tb, s.Plan(context.Background(), Plan{Through: Checkpoint{Position: "p", Event: "e"}, Items: items}))
}

// waiting is what is in the store, in order.
func waiting(tb testing.TB, s *Store) []Recipient {
	tb.Helper()
	all, err := s.Recipients(context.Background(), false, "", 1000)
	must(tb, err)
	return all
}

func TestTheFileIsForItsOwnerOnly(t *testing.T) {
	path := place(t)
	s := owner(t, path)
	plan(t, s, item("email", "email-a", 1))
	files, err := filepath.Glob(path + "*")
	must(t, err)
	if len(files) < 4 { // the file, SQLite's two and the lock
		t.Errorf("the files are %q", files)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has %s", f, info.Mode())
		}
	}
}

func TestAnotherFileIsRefused(t *testing.T) {
	path := place(t)
	must(t, os.WriteFile(path, []byte("this is no database, and is long enough to be seen as none of those that are"), 0o600))
	if s, err := Open(path); err == nil {
		s.Close()
		t.Error("a text was opened")
	}
	other := filepath.Join(t.TempDir(), "other.db")
	db, err := connect(other, 1, true, writerPragmas)
	must(t, err)
	_, err = db.Exec("create table other (a)")
	must(t, errors.Join(err, db.Close()))
	if s, err := Open(other); err == nil {
		s.Close()
		t.Error("another program's database was opened")
	}
}

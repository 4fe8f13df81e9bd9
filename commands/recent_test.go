package commands

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/eventlog"
)

// sendMany sends under the keys key0, key1, … and answers with what was answered.
func (h *house) sendMany(s *Service, n int) []Result { return h.sendMore(s, 0, n) }

func (h *house) sendMore(s *Service, from, n int) []Result {
	h.Helper()
	answers := make([]Result, n)
	var all sync.WaitGroup
	var next atomic.Int64
	for range 64 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				r, err := h.send(s, h.keyed(tom, "SendMessage", channel, numbered("key", from+i), "a"))
				if err != nil {
					h.Error(err)
				}
				answers[i] = r
			}
		})
	}
	all.Wait()
	return answers
}

// checkRetries sends a part of it again, the first and the last included.
func (h *house) checkRetries(what string, s *Service, want []Result) {
	h.Helper()
	head := h.head()
	for i := 0; i < len(want); i = max(i+1, min(i+7, len(want)-1)) {
		got, err := h.send(s, h.keyed(tom, "SendMessage", channel, numbered("key", i), "a"))
		if err != nil || got != want[i] {
			h.Fatalf("%s: retry of %d answered %+v, %v; want %+v", what, i, got, err, want[i])
		}
	}
	if h.head() != head {
		h.Errorf("%s: retries wrote something", what)
	}
}

// remembered is how many commands of the channel are in memory.
func remembered(t testing.TB, s *Service) (n int, partial bool) {
	err := s.connections.Look(t.Context(), channel, func(connection.State) error {
		st, _ := s.connections.cache.GetIfPresent(channel)
		n, partial = len(st.recent.byID), st.recent.partial
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, partial
}

func TestMoreCommandsThanMemoryHolds(t *testing.T) {
	h := newHouse(t)
	snapshots := h.openSnapshots()
	s := h.service(h.log, snapshots)
	want := h.sendMany(s, maxRecent+300)
	// What is kept is let go with the next snapshot.
	more := 0
	until(t, "letting go", func() bool {
		h.must(h.send(s, h.keyed(lena, "SendMessage", channel, numbered("more", more), "a")))
		more++
		n, partial := remembered(t, s)
		return partial && n <= maxRecent+256
	})
	h.checkRetries("from memory and file", s, want)
	_, err := h.send(s, h.keyed(tom, "SendMessage", channel, "key0", "b"))
	wantCode(t, err, "idempotency_key_reused")
	h.checkRetries("after a restart", h.service(h.log, snapshots), want)
}

// TestSnapshotsLag holds all connections to the file, so that nothing can be
// written, and later nothing be taken any more.
func TestSnapshotsLag(t *testing.T) {
	h := newHouse(t)
	snapshots := h.openSnapshots()
	s := h.service(h.log, snapshots)
	remembered(t, s) // and so loaded
	held := make([]*sql.Conn, snapshotConnections+1)
	for i := range held {
		var err error
		if held[i], err = snapshots.db.Conn(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	want := h.sendMany(s, maxRecent+300)
	if n, partial := remembered(t, s); n < len(want) || partial {
		t.Errorf("%d commands in memory, partial %t, though nothing is kept yet", n, partial)
	}
	h.checkRetries("while snapshots lag", s, want)
	for refused := 0; refused < 1000; refused++ { // the writer may still be taking what it waits to write
		if snapshots.Save(Snapshot{Stream: "another", State: []byte("{}")}, nil, func() {}) {
			refused = 0
		}
		runtime.Gosched()
	}
	want = append(want, h.sendMore(s, len(want), 300)...)
	h.checkRetries("while the queue is full", s, want)
	for _, c := range held {
		c.Close()
	}
	until(t, "writing", func() bool { return len(snapshots.jobs) == 0 })
	want = append(want, h.sendMore(s, len(want), 300)...)
	if err := snapshots.Close(); err != nil {
		t.Fatal(err)
	}
	if snapshots.broken.Load() {
		t.Error("lagging broke the snapshots")
	}
	tail := &tampered{Log: h.log}
	s = h.service(tail, h.openSnapshots())
	if _, partial := remembered(t, s); !partial || tail.reads.Load() > 512 {
		t.Errorf("partial %t, %d events read: what lagged was not written", partial, tail.reads.Load())
	}
	h.checkRetries("after a restart", s, want)
}

func TestSnapshotsBroken(t *testing.T) {
	h := newHouse(t)
	snapshots := h.openSnapshots()
	s := h.service(h.log, snapshots)
	if _, err := snapshots.db.Exec("create trigger full before insert on snapshots begin select raise(abort, 'disk full'); end"); err != nil {
		t.Fatal(err)
	}
	want := h.sendMany(s, maxRecent+300)
	until(t, "noticing", snapshots.broken.Load)
	want = append(want, h.must(h.send(s, h.keyed(tom, "SendMessage", channel, numbered("key", len(want)), "a"))))
	h.checkRetries("with a broken writer", s, want)
	h.checkRetries("after a restart", h.service(h.log, snapshots), want)
	if n, _ := remembered(t, s); n < len(want) {
		t.Errorf("only %d commands in memory, with nowhere else to be", n)
	}
}

func TestCommandsCannotBeRead(t *testing.T) {
	h := newHouse(t)
	snapshots := h.openSnapshots()
	want := h.sendMany(h.service(h.log, snapshots), 300)
	if err := snapshots.Close(); err != nil {
		t.Fatal(err)
	}
	snapshots = h.openSnapshots()
	s := h.service(h.log, snapshots)
	h.must(h.send(s, h.request(lena)))
	if _, partial := remembered(t, s); !partial {
		t.Fatal("nothing was loaded from the snapshots")
	}
	snapshots.db.Close()
	h.checkRetries("without the file", s, want)
	fresh := h.keyed(tom, "SendMessage", channel, "fresh", "a")
	if r := h.must(h.send(s, fresh)); r.Events != 1 {
		t.Errorf("a new command is answered %+v", r)
	}
}

// TestE08CommandsOfAnotherLogAreNotRecalled: the log was restored to an older
// copy, the file of snapshots was not. What was lost can be sent again.
func TestE08CommandsOfAnotherLogAreNotRecalled(t *testing.T) {
	h := newHouse(t)
	h.copyLog("older")
	snapshots := h.openSnapshots()
	lost := h.sendMany(h.service(h.log, snapshots), 300)
	if err := snapshots.Close(); err != nil {
		t.Fatal(err)
	}
	h.log = h.openLog("older")
	snapshots = h.openSnapshots()
	s := h.service(h.log, snapshots)
	for i := range 150 { // which makes a new snapshot in the place of the old one
		h.must(h.send(s, h.keyed(lena, "SendMessage", channel, numbered("new", i), "a")))
	}
	snapshots.Close()
	s = h.service(h.log, h.openSnapshots())
	h.must(h.send(s, h.request(lena)))
	if _, partial := remembered(t, s); !partial {
		t.Fatal("nothing was loaded from the snapshots")
	}
	for i := 0; i < len(lost); i += 7 {
		before := h.head()
		r := h.must(h.send(s, h.keyed(tom, "SendMessage", channel, numbered("key", i), "a")))
		if h.head() == before || r.Events != 1 || r.Position != h.head() {
			t.Fatalf("command %d, which the log lost, is answered %+v", i, r)
		}
	}
}

// copyLog copies the log's files as they are now.
func (h *house) copyLog(to string) {
	h.Helper()
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(filepath.Join(h.dir, "log"+end))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(h.dir, to+end), data, 0o600)
		}
		if err != nil {
			h.Fatal(err)
		}
	}
}

// TestOldCommandsAreLetGo: a day later they are neither in memory nor waiting to
// be saved.
func TestOldCommandsAreLetGo(t *testing.T) {
	var r recent
	h := &house{}
	at := h.now()
	for i := range 10 {
		r.remember(&outcome{command: uuid.New(), revision: eventlog.Revision(i), at: at})
	}
	r.remember(&outcome{command: uuid.New(), at: at.Add(window)})
	if len(r.byID) != 11 || len(r.order) != 11 || len(r.unsaved) != 11 {
		t.Errorf("%d, %d, %d commands within a day, want 11", len(r.byID), len(r.order), len(r.unsaved))
	}
	r.remember(&outcome{command: uuid.New(), at: at.Add(window + 1)})
	if len(r.byID) != 2 || len(r.order) != 2 || len(r.unsaved) != 2 {
		t.Errorf("%d, %d, %d commands after a day, want 2", len(r.byID), len(r.order), len(r.unsaved))
	}
}

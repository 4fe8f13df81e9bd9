package commands

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"lobby.example/eventlog"
)

// fullLog is the real log, which has no room from time to time.
func fullLog(log eventlog.Log) (l *tampered, full *atomic.Bool) {
	full = new(atomic.Bool)
	return &tampered{Log: log, before: func(string, eventlog.Revision) error {
		if full.Load() {
			return fmt.Errorf("some engine: %w: the disk is full", eventlog.ErrFull)
		}
		return nil
	}}, full
}

// A command that there is no room for is refused, at once, with a code of its own; one
// that writes nothing is answered as ever. An operator is told once, and once when it
// is over, and then the command is executed under the same key.
func TestNoRoomForEvents(t *testing.T) {
	h := newHouse(t)
	log, full := fullLog(h.log)
	var said bytes.Buffer
	s := New(log, Options{Logger: slog.New(slog.NewTextHandler(&said, nil))})
	a := newAPI(h, s)
	send := func(key string) answer {
		return a.do(as(tom), "POST", "/v1/channels/"+channel+"/messages", `{"text":"hello"}`, "Idempotency-Key", key)
	}
	before := send("before")
	head := h.head()
	full.Store(true)
	log.appends.Store(0)
	for range 3 {
		got := send("key")
		if got.status != http.StatusServiceUnavailable || got.Code != "no_room" || got.header.Get("Retry-After") != "5" {
			t.Errorf("refused with %d %s", got.status, got.text)
		}
	}
	if n := log.appends.Load(); n != 3 {
		t.Errorf("%d appends for 3 commands", n)
	}
	if events, files := s.Lacking(); !events || files {
		t.Errorf("it lacks room for events %t, for files %t", events, files)
	}
	if again := send("before"); again.status != http.StatusCreated || again.text != before.text {
		t.Errorf("a retry: %d %s, want %s", again.status, again.text, before.text)
	}
	if seen := a.do(as(tom), "PUT", "/v1/channels/"+channel+"/mute", `{"muted":false}`); seen.status != http.StatusOK || seen.Events != 0 {
		t.Errorf("nothing to do: %d %s", seen.status, seen.text)
	}
	if h.head() != head {
		t.Error("something was written")
	}
	full.Store(false)
	if got := send("key"); got.status != http.StatusCreated || got.Events != 1 {
		t.Errorf("with room: %d %s", got.status, got.text)
	}
	if events, _ := s.Lacking(); events {
		t.Error("it still lacks room")
	}
	if lines := strings.Count(said.String(), "\n"); lines != 2 || !strings.Contains(said.String(), "level=ERROR") || !strings.Contains(said.String(), "some engine") || !strings.Contains(said.String(), "there is room again") {
		t.Errorf("said:\n%s", &said)
	}
}

// roomFor limits the file to the pages it has, and so many more. It does with one
// connection from here on.
func (f *SnapshotFile) roomFor(t *testing.T, more int) {
	t.Helper()
	f.db.SetMaxOpenConns(1)
	f.db.SetMaxIdleConns(1)
	conn, err := f.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var pages int
	if err := conn.QueryRowContext(t.Context(), "pragma page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), fmt.Sprint("pragma max_page_count = ", pages+more)); err != nil {
		t.Fatal(err)
	}
}

// Snapshots that there is no room for are kept once there is, with nothing left out
// before them, and no command waits for that.
func TestNoRoomForSnapshots(t *testing.T) {
	h := newHouse(t)
	snapshots := h.openSnapshots()
	waiting := make(chan struct{}, 100)
	snapshots.logger = slog.New(told(func() { waiting <- struct{}{} }))
	s := h.service(h.log, snapshots)
	h.sendMany(s, 1)
	snapshots.roomFor(t, 2)
	want := append(h.sendMore(s, 0, 1), h.sendMore(s, 1, maxRecent+300)...)
	<-waiting
	h.checkRetries("without room", s, want)
	snapshots.roomFor(t, 1000)
	until(t, "what waited is kept", func() bool { return len(snapshots.jobs) == 0 })
	want = append(want, h.sendMore(s, len(want), 300)...)
	if err := snapshots.Close(); err != nil {
		t.Fatal(err)
	}
	if snapshots.broken.Load() {
		t.Error("a full disk broke the snapshots")
	}
	tail := &tampered{Log: h.log}
	s = h.service(tail, h.openSnapshots())
	if _, partial := remembered(t, s); !partial || tail.reads.Load() > 512 {
		t.Errorf("partial %t, %d events read: what waited was not written", partial, tail.reads.Load())
	}
	h.checkRetries("after a restart", s, want)
}

// A clean end without room is an end, and what is not kept is read from the log.
func TestSnapshotsEndWithoutRoom(t *testing.T) {
	h := newHouse(t)
	snapshots := h.openSnapshots()
	waiting := make(chan struct{}, 100)
	snapshots.logger = slog.New(told(func() { waiting <- struct{}{} }))
	s := h.service(h.log, snapshots)
	snapshots.roomFor(t, 0)
	want := h.sendMany(s, 600)
	<-waiting
	if err := snapshots.Close(); err != nil {
		t.Fatal(err)
	}
	h.checkRetries("after a restart", h.service(h.log, h.openSnapshots()), want)
}

// told is a handler that counts what is said.
type told func()

func (told) Enabled(context.Context, slog.Level) bool    { return true }
func (t told) Handle(context.Context, slog.Record) error { t(); return nil }
func (t told) WithAttrs([]slog.Attr) slog.Handler        { return t }
func (t told) WithGroup(string) slog.Handler             { return t }

package commands

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
)

// coldReads is how many events a new service reads for its first look.
func (h *house) coldReads(snapshots Snapshots) int64 {
	h.Helper()
	log := &tampered{Log: h.log}
	remembered(h, h.service(log, snapshots))
	return log.reads.Load()
}

// withSnapshot has a channel of many messages and a file that knows it, which
// every call of again brings back, spoiled.
func withSnapshot(t *testing.T) (h *house, again func(t *testing.T, spoil func(path string)) *SnapshotFile) {
	h = newHouse(t)
	snapshots := h.openSnapshots()
	s := h.service(h.log, snapshots)
	h.sendMany(s, 100)
	for count := 0; count < 100; count++ { // until one has been taken that has key0 to key99
		h.must(h.send(s, h.request(tom)))
	}
	if err := snapshots.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.dir, "snapshots")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return h, func(t *testing.T, spoil func(path string)) *SnapshotFile {
		for _, end := range []string{"-wal", "-shm"} {
			if err := os.Remove(path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		spoil(path)
		f, err := OpenSnapshots(path, quiet)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
}

// checkWithout is that a file leads to no wrong answer and that none of it is used.
func (h *house) checkWithout(t *testing.T, snapshots *SnapshotFile, used bool) {
	t.Helper()
	if n, all := h.coldReads(snapshots), int64(len(h.stream(channel))); (n < all) != used {
		t.Errorf("%d of %d events read", n, all)
	}
	head := h.head()
	r, err := h.send(h.service(h.log, snapshots), h.keyed(tom, "SendMessage", channel, "key0", "a"))
	if err != nil || r.Events != 1 || h.head() != head {
		t.Errorf("a retry is answered %+v, %v", r, err)
	}
}

func TestColdLoadReadsFewEvents(t *testing.T) {
	h, again := withSnapshot(t)
	events := int64(len(h.stream(channel)))
	if n := h.coldReads(again(t, func(string) {})); n > snapshotAfter(0) {
		t.Errorf("%d of %d events read in spite of a snapshot", n, events)
	}
	if n := h.coldReads(nil); n != events {
		t.Errorf("%d of %d events read without snapshots", n, events)
	}
}

func snapshotAfter(size int) int64 { return int64(snapshotEvery(size)) }

// TestSnapshotThatIsNotRight is folded around, in every case.
func TestSnapshotThatIsNotRight(t *testing.T) {
	h, again := withSnapshot(t)
	for name, spoil := range map[string]func(*house, *SnapshotFile){
		"of another version": func(h *house, f *SnapshotFile) { h.exec(f, "update snapshots set version = version + 1") },
		"no JSON":            func(h *house, f *SnapshotFile) { h.exec(f, "update snapshots set state = x'00ff'") },
		"half a state": func(h *house, f *SnapshotFile) {
			h.exec(f, "update snapshots set state = substr(state, 1, length(state) / 2)")
		},
		"a broken thread": func(h *house, f *SnapshotFile) {
			h.exec(f, `update snapshots set state = '{"Status":"connected","Thread":"AAAA/w=="}'`)
		},
		"no number":            func(h *house, f *SnapshotFile) { h.exec(f, "update snapshots set revision = 'x'") },
		"no revision":          func(h *house, f *SnapshotFile) { h.exec(f, "update snapshots set revision = -5") },
		"another revision":     func(h *house, f *SnapshotFile) { h.exec(f, "update snapshots set revision = revision - 1") },
		"another event":        func(h *house, f *SnapshotFile) { h.exec(f, "update snapshots set event = zeroblob(16)") },
		"beyond the log (E08)": func(h *house, f *SnapshotFile) { h.exec(f, "update snapshots set revision = revision + 1000") },
		"of another log":       func(h *house, f *SnapshotFile) { h.exec(f, "update snapshots set position = '0000000000000001-7'") },
		"no table":             func(h *house, f *SnapshotFile) { h.exec(f, "drop table snapshots") },
		"no commands":          func(h *house, f *SnapshotFile) { h.exec(f, "drop table commands") },
	} {
		t.Run(name, func(t *testing.T) {
			snapshots := again(t, func(string) {})
			spoil(h, snapshots)
			h.checkWithout(t, snapshots, name == "no commands")
		})
	}
}

func (h *house) exec(f *SnapshotFile, query string) {
	h.Helper()
	if _, err := f.db.Exec(query); err != nil {
		h.Fatal(err)
	}
}

// TestE08SnapshotOfARestoredLog: the log is an older copy that has grown again
// to the very revision and position of the snapshot.
func TestE08SnapshotOfARestoredLog(t *testing.T) {
	h := newHouse(t)
	h.copyLog("older")
	snapshots := h.openSnapshots()
	s := h.service(h.log, snapshots)
	lost := make([]uuid.UUID, snapshotAfter(0)+10)
	for i := range lost {
		r := h.request(tom)
		lost[i] = entityID(r.Command)
		h.must(h.send(s, r))
	}
	snapshots.Close()
	h.log = h.openLog("older")
	s = h.service(h.log, nil)
	for range lost {
		h.must(h.send(s, h.request(tom)))
	}
	s = h.service(h.log, h.openSnapshots())
	if r := h.must(h.see(s, lost...)()); r.Events != 0 {
		t.Error("messages that the log does not have were seen")
	}
}

func TestSnapshotFileThatIsNoDatabase(t *testing.T) {
	h, again := withSnapshot(t)
	replace := func(with func(data []byte) []byte) func(path string) {
		return func(path string) {
			data, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, with(data), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, spoil := range map[string]func(path string){
		"something else": replace(func([]byte) []byte { return bytes.Repeat([]byte("no database "), 1000) }),
		"empty":          replace(func([]byte) []byte { return nil }),
		"half":           replace(func(data []byte) []byte { return data[:len(data)/2] }),
		"zeros inside":   replace(func(data []byte) []byte { return append(data[:100:100], make([]byte, len(data)-100)...) }),
		"other tables": func(path string) {
			f, err := OpenSnapshots(path, quiet)
			if err == nil {
				_, err = f.db.Exec("drop table commands; create table commands (a); pragma user_version = 77")
			}
			if err = errors.Join(err, f.Close()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { h.checkWithout(t, again(t, spoil), false) })
	}
}

func TestSavingAfterCloseIsNotKept(t *testing.T) {
	h := newHouse(t)
	odd := filepath.Join(h.dir, "a?b#c%41 d")
	f, err := OpenSnapshots(odd, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(odd); err != nil {
		t.Error(err)
	}
	if f.Save(Snapshot{Stream: "x"}, nil, func() {}) {
		t.Error("saved after it was closed")
	}
}

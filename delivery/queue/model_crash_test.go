package queue

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"pgregory.net/rapid"
)

// crash goes on from a copy of the files, made as a crash would leave them.
func (m *model) crash(t *rapid.T) {
	m.files++
	path := filepath.Join(m.dir, fmt.Sprint("copy-", m.files))
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(m.path + end)
		if err == nil {
			err = os.WriteFile(path+end, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range m.lines {
		if l.flying != nil && l.attempts > 1 { // it may be what crashed
			l.earliest = time.Now()
			l.latest = l.earliest.Add(longestPause)
		}
	}
	crashed := slices.Clone(m.flights)
	for _, f := range crashed {
		f.msg.Ack() // the old store must not wait
	}
	if err := m.store.Close(); err != nil {
		t.Fatal(err)
	}
	m.path = path
	m.start(t)
}

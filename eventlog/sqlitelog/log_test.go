package sqlitelog

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"lobby.example/eventlog"
	"lobby.example/eventlog/eventlogtest"
)

func opener(options Options) eventlogtest.Open {
	return func(place string, categories ...string) (eventlogtest.Log, error) {
		options := options
		options.Categories = categories
		return Open(filepath.Join(place, "events.db"), options)
	}
}

// TestLog runs the conformance suite with the usual bounds, where a small log
// stays in memory, and with bounds that make it go to the file at every turn.
func TestLog(t *testing.T) {
	for name, options := range map[string]Options{
		"usual":             {},
		"from the file":     {BatchEvents: 3, bounds: bounds{heads: 1, recentBytes: 0, indexEvery: 1, indexBytes: 1, readPage: 2}},
		"across the bounds": {BatchEvents: 7, bounds: bounds{heads: 2, recentBytes: 3000, indexEvery: 5, indexBytes: 1 << 20, readPage: 4}},
	} {
		t.Run(name, func(t *testing.T) { eventlogtest.Exercise(t, opener(options)) })
	}
}

// TestCrash has the index take in events often, so that crashes meet it too.
func TestCrash(t *testing.T) {
	eventlogtest.Crash(t, opener(Options{bounds: bounds{heads: 2, recentBytes: 3000, indexEvery: 50, indexBytes: 1 << 20, readPage: 1024}}))
}

// The last revision of a stream is the same from memory and from the file.
func TestLastRevision(t *testing.T) {
	dir := t.TempDir()
	for reopened := range 2 {
		log, err := Open(filepath.Join(dir, "log.sqlite"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			expected := eventlog.Revision(2*reopened + i - 1)
			if last, err := log.LastRevision(t.Context(), "post-1"); err != nil || last != expected {
				t.Errorf("the last revision is %d, %v; want %d", last, err, expected)
			}
			if _, err := log.Append(t.Context(), "post-1", expected, []eventlog.Event{{ID: uuid.New(), Kind: "kind", Data: []byte("{}")}}); err != nil {
				t.Fatal(err)
			}
		}
		if last, err := log.LastRevision(t.Context(), "post-2"); err != nil || last != eventlog.NoStream {
			t.Errorf("a stream without events is at %d, %v", last, err)
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := log.LastRevision(t.Context(), "post-1"); !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("a closed log answers %v", err)
		}
	}
}

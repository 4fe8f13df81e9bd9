package sqlitelog

import (
	"path/filepath"
	"testing"

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

package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain"
)

var update = flag.Bool("update", false, "write golden files that are missing")

// Updating reports whether the tests run with -update. A test package that
// imports this one has the flag by it.
func Updating() bool { return *update }

// GoldenFold compares the state after each of the events with
// testdata/fold-v<Version>.golden, so that a fold cannot change while snapshots
// that the old one made are still taken for good. The events have every kind that
// the noun writes. -update writes the file of a new version, never one that is there.
func GoldenFold[S any](t testing.TB, noun domain.Noun[S], events ...domain.Event[S]) {
	t.Helper()
	var got bytes.Buffer
	var missing []string
	for _, kind := range noun.Facts.Kinds() {
		// A kind that is read as another is not written any more.
		if e, err := noun.Facts.Decode(kind, []byte("{}")); err == nil && e.Kind() == kind {
			missing = append(missing, kind)
		}
	}
	for i, e := range events {
		missing = slices.DeleteFunc(missing, func(k string) bool { return k == e.Kind() })
		state, err := json.MarshalIndent(Given(t, noun, events[:i+1]...).state, "", "  ")
		if err != nil {
			t.Fatalf("snapshot: %v", err)
		}
		fmt.Fprintf(&got, "-- %s --\n%s\n", e.Kind(), state)
	}
	if len(missing) > 0 {
		t.Fatalf("the golden fold has no event of kinds %q", missing)
	}
	path := filepath.Join("testdata", fmt.Sprintf("fold-v%d.golden", noun.Version))
	want, err := Golden(path, got.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Fatalf("%s: the fold has changed, so raise Noun.Version and run with -update (-want +got):\n%s", path, diff)
	}
}

// Golden reads a golden file. With -update it makes one that is missing.
func Golden(path string, missing func() []byte) ([]byte, error) {
	want, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return want, err
	}
	if !*update {
		return nil, fmt.Errorf("%w: run with -update", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	made := missing()
	return made, os.WriteFile(path, made, 0o644)
}

package projections_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lobby.example/projections"
	"lobby.example/readmodel/readmodeltest/engines"
)

// E08: a read model that is ahead of a restored log, or of another log, is
// refused in words that say what to do, and doing that helps.
func TestE08AModelThatIsNotOfTheLogIsRefused(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		written := func(t *testing.T, path string, messages int) *world {
			w := newWorld(t, openLog(t, path))
			w.register("Anna", "Ben")
			w.connect("Anna", "Ben")
			for range messages {
				w.say("Anna", "Ben", "hello")
			}
			return w
		}
		closed := func(t *testing.T, w *world) {
			t.Helper()
			if err := w.log.(interface{ Close() error }).Close(); err != nil {
				t.Fatal(err)
			}
		}
		for name, restored := range map[string]struct {
			log    func(t *testing.T, backup, other string) *world
			unread int
		}{
			"a log from a backup": {func(t *testing.T, backup, _ string) *world {
				return newWorld(t, openLog(t, backup))
			}, 1},
			"a log from a backup that went on": {func(t *testing.T, backup, _ string) *world {
				w := newWorld(t, openLog(t, backup))
				w.ids = 1000
				for range 5 {
					w.say("Anna", "Ben", "something else")
				}
				return w
			}, 6},
			"another log":  {func(t *testing.T, _, other string) *world { return written(t, other, 20) }, 20},
			"an empty log": {func(t *testing.T, _, other string) *world { return newWorld(t, openLog(t, other)) }, 0},
		} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				path, backup := filepath.Join(dir, "log.sqlite"), filepath.Join(dir, "backup.sqlite")
				w := written(t, path, 1)
				closed(t, w)
				for _, end := range []string{"", "-wal"} {
					if text, err := os.ReadFile(path + end); err == nil {
						if err := os.WriteFile(backup+end, text, 0o600); err != nil {
							t.Fatal(err)
						}
					}
				}
				w.log = openLog(t, path)
				w.say("Anna", "Ben", "two")
				w.say("Anna", "Ben", "three")
				engine := openEngine(t, filepath.Join(dir, "models"))
				for range 3 { // what nothing happened in must not make the checkpoint forget its event
					r := served(t, w.log, engine, projections.Options{})
					wait(t, r, w.last)
					r.Close()
				}
				closed(t, w)

				log := restored.log(t, backup, filepath.Join(dir, "other.sqlite")).log
				_, err := projections.Start(t.Context(), log, engine, projections.Options{})
				if !errors.Is(err, projections.ErrCheckpoint) {
					t.Fatalf("start: %v, want ErrCheckpoint", err)
				}
				for _, want := range []string{w.last.String(), "backup", "--rebuild"} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%q does not say %q", err, want)
					}
				}
				r := served(t, log, engine, projections.Options{Rebuild: true})
				head, err := log.Head(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				wait(t, r, head)
				if n := unread(t, r, "Ben"); n != restored.unread || !r.Status().Ready() {
					t.Errorf("%d unread after building anew, want %d: %+v", n, restored.unread, r.Status())
				}
				r.Close()
				r = served(t, log, engine, projections.Options{})
				if s := r.Status(); !s.Ready() || s.Position != head {
					t.Errorf("the start after that: %+v", s)
				}
			})
		}
	})
}

// Events that are filtered out move the checkpoint on, beyond the last event that
// the log's head tells of. That is no sign of a restored log.
func TestACheckpointBeyondWhatIsFilteredOutIsAPlaceInTheLog(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w := newWorld(t, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		of := w.raw("somebodyelses-1", "happened", []byte(`{}`))
		engine := openEngine(t, filepath.Join(dir, "models"))
		for range 3 {
			r := served(t, log, engine, projections.Options{})
			wait(t, r, of)
			r.Close()
		}
	})
}

package projections_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lobby.example/domain/catalogue"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/sqlitemodel"
)

// What the simulation found, each by itself.

// aTown is a log in memory with some events, and what the rows have to be.
func aTown(t *testing.T) (*world, *memoryLog, *history) {
	h := newHistory()
	log := openMemoryLog(newMemoryEvents("town", 1), catalogue.Categories()...)
	log.appended = h.appended
	w := newWorld(t, log)
	w.register("Anna", "Ben")
	w.connect("Anna", "Ben")
	w.send("Anna", "Ben", "one")
	return w, log, h
}

// twiceLog hands over every batch twice.
type twiceLog struct{ eventlog.Log }

func (l twiceLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		for batch, err := range l.Log.Follow(ctx, after) {
			if !yield(batch, err) || err == nil && !yield(batch, nil) {
				return
			}
		}
	}
}

func TestWhatIsDeliveredTwiceCountsOnce(t *testing.T) {
	projections.WithTable(t, counted, countSome)
	w, log, h := aTown(t)
	engine := &memoryEngine{disk: newMemoryDisk()}
	r := served(t, twiceLog{log}, engine, projections.Options{})
	for range 20 {
		w.send("Anna", "Ben", "again")
		wait(t, r, w.last)
	}
	r.Close()
	if diff := cmp.Diff(h.now.text(), dump(t, engine)); diff != "" {
		t.Errorf("(-once +twice):\n%s", diff)
	}
}

// E08: a log can be restored while a program follows it, and be beyond the program's
// checkpoint again by the time that it subscribes anew.
func TestE08ALogThatIsRestoredWhileItIsFollowedIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, log, _ := aTown(t)
		w.send("Anna", "Ben", "two")
		r := served(t, log, &memoryEngine{disk: newMemoryDisk()}, projections.Options{})
		wait(t, r, w.last)
		synctest.Wait()
		log.restore(len(log.all) - 1)
		w.send("Anna", "Ben", "another two")
		w.send("Anna", "Ben", "another three")
		time.Sleep(time.Second)
		if s := r.Status(); !errors.Is(s.Failed, projections.ErrCheckpoint) || s.Ready() {
			t.Errorf("%+v, want ErrCheckpoint", s)
		}
		if err := r.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := r.Status(); !s.Ready() || s.Position != w.last {
			t.Errorf("built anew: %+v", s)
		}
		r.Close()
	})
}

// E08: a checkpoint at what was filtered out is one of this log, or not, too.
func TestE08ACheckpointAtWhatIsFilteredOutIsNoPlaceInAnotherLog(t *testing.T) {
	w, log, _ := aTown(t)
	before := len(log.all)
	w.send("Anna", "Ben", "two")
	at := w.raw(foreign+"-1", "happened", []byte(`{}`))
	engine := &memoryEngine{disk: newMemoryDisk()}
	r := served(t, log, engine, projections.Options{})
	wait(t, r, at)
	r.Close()
	start(t, log, engine, projections.Options{}).Close()
	log.restore(before)
	for range 3 {
		w.send("Anna", "Ben", "something else")
	}
	if _, err := projections.Start(t.Context(), log, engine, projections.Options{}); !errors.Is(err, projections.ErrCheckpoint) {
		t.Errorf("start: %v, want ErrCheckpoint", err)
	}
}

// A build does not wait for events that a restored log lost.
func TestABuildWhoseLogIsRestoredIsBegunAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, log, _ := aTown(t)
		at := len(log.all)
		last := w.last
		for range 5 {
			w.send("Anna", "Ben", "lost")
		}
		first := holdBack(1)
		engine := &hookedEngine{Engine: &memoryEngine{disk: newMemoryDisk()}, apply: func(b readmodel.Build, s readmodel.Store, apply func() error) error {
			return errors.Join(first.apply(b, s, func() error { return nil }), errors.New("lost on the way"))
		}}
		r := start(t, log, engine, projections.Options{})
		<-first.reached
		log.restore(at)
		engine.apply = func(_ readmodel.Build, _ readmodel.Store, apply func() error) error { return apply() }
		close(first.gate)
		<-r.Serving()
		if s := r.Status(); !s.Ready() || s.Position != last {
			t.Errorf("%+v", s)
		}
		r.Close()
	})
}

// A rebuild that waits for its turn can be given up.
func TestARebuildThatWaitsForItsTurnMindsItsContext(t *testing.T) {
	_, log, _ := aTown(t)
	second := holdBack(2)
	r := served(t, log, &hookedEngine{Engine: &memoryEngine{disk: newMemoryDisk()}, apply: second.apply}, projections.Options{})
	done := make(chan error, 1)
	go func() { done <- r.Rebuild(t.Context()) }()
	<-second.reached
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	if err := r.Rebuild(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the one that waited: %v", err)
	}
	close(second.gate)
	if err := <-done; err != nil {
		t.Errorf("the one that had its turn: %v", err)
	}
}

// The rows of the memory engine are those of SQLite, whatever happens.
func TestTheMemoryEngineHoldsWhatSQLiteHolds(t *testing.T) {
	projections.WithTable(t, counted, countSome)
	_, log, h := aTown(t)
	everythingDrawn(t, log, 400)
	engine, err := sqlitemodel.Open(t.TempDir(), sqlitemodel.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	r := served(t, log, engine, projections.Options{})
	head, _ := h.head()
	wait(t, r, head)
	r.Close()
	if diff := cmp.Diff(dump(t, engine), h.now.text()); diff != "" {
		t.Errorf("(-SQLite +memory):\n%s", diff)
	}
}

// everythingDrawn has people do anything, n times.
func everythingDrawn(t *testing.T, log eventlog.Log, n int) {
	rapid.Custom(func(rt *rapid.T) bool {
		w := newWorld(t, log)
		w.ids = 1000
		newPlay(rt, w).commands(n)
		return true
	}).Example(1)
}

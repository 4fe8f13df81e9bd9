package projections_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel/readmodeltest/engines"
)

// fillLog appends messages, a third of them seen, to a hundred channels of a
// thousand people, in large appends.
func fillLog(b *testing.B, log eventlog.Log, events int) eventlog.Position {
	b.Helper()
	w := newWorld(b, log)
	event := func(e interface{ Kind() string }) eventlog.Event { return eventOf(b, e) }
	one := func(i int) uuid.UUID { return scenario.ID(fmt.Sprint("person ", i)) }
	for i := range 1000 {
		w.append(person.Stream(one(i)), eventlog.NoStream, event(person.Registered{Person: one(i), Role: person.Tenant, Profile: person.Profile{Name: fmt.Sprint("Person ", i)}}))
		events--
	}
	revisions := make([]eventlog.Revision, 100)
	for i := 0; events > 0; i = (i + 1) % 100 {
		a, z := one(i), one(999-i)
		stream := connection.Stream(connection.Between(a, z))
		var batch []eventlog.Event
		if revisions[i] == 0 {
			revisions[i] = eventlog.NoStream
			batch = append(batch,
				event(connection.InvitationSent{From: connection.Party{Person: a, Role: "landlord"}, To: connection.Party{Person: z, Role: "tenant"}}),
				event(connection.InvitationAccepted{By: z, Other: a}))
		}
		for range 150 {
			seen := connection.MessagesSeen{By: z, Messages: []uuid.UUID{w.id()}}
			batch = append(batch,
				event(connection.MessageSent{Message: seen.Messages[0], From: a, To: z, Text: "The plumber comes on Monday, can you be there at ten o'clock?"}),
				event(connection.MessageSent{Message: w.id(), From: z, To: a, Text: "Yes, I can."}),
				event(seen))
		}
		w.append(stream, revisions[i], batch...)
		revisions[i] += eventlog.Revision(len(batch))
		events -= len(batch)
	}
	return w.last
}

// BenchmarkProject decodes and projects events, and writes nothing.
func BenchmarkProject(b *testing.B) {
	log := openLog(b, filepath.Join(b.TempDir(), "log.sqlite"))
	fillLog(b, log, 20_000)
	var events []eventlog.Recorded
	for r, err := range log.ReadAll(b.Context(), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			b.Fatal(err)
		}
		events = append(events, r)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for batch := events; len(batch) > 0; {
			cut := min(2048, len(batch))
			if _, err := projections.Project(batch[:cut]); err != nil {
				b.Fatal(err)
			}
			batch = batch[cut:]
			n += cut
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkRebuild builds the model from 200,000 events, and switches.
func BenchmarkRebuild(b *testing.B) {
	engines.EachBenchmark(b, func(b *testing.B) {
		const events = 200_000
		log := openLog(b, filepath.Join(b.TempDir(), "log.sqlite"))
		at := fillLog(b, log, events)
		r := served(b, log, openEngine(b, filepath.Join(b.TempDir(), "models")), projections.Options{})
		wait(b, r, at)
		n := 0
		for b.Loop() {
			if err := r.Rebuild(b.Context()); err != nil {
				b.Fatal(err)
			}
			n += events
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	})
}

// BenchmarkVisible is the time from an append's answer until the model shows it.
func BenchmarkVisible(b *testing.B) {
	engines.EachBenchmark(b, func(b *testing.B) {
		log := openLog(b, filepath.Join(b.TempDir(), "log.sqlite"))
		w := newWorld(b, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		r := served(b, log, openEngine(b, filepath.Join(b.TempDir(), "models")), projections.Options{})
		wait(b, r, w.last)
		var visible time.Duration
		n := 0
		for b.Loop() {
			w.say("Anna", "Ben", "hello")
			began := time.Now()
			wait(b, r, w.last)
			visible += time.Since(began)
			n++
		}
		b.ReportMetric(float64(visible.Microseconds())/float64(n), "µs/visible")
	})
}

// BenchmarkLive appends with many writers and waits for each to be visible.
func BenchmarkLive(b *testing.B) {
	engines.EachBenchmark(b, func(b *testing.B) {
		log := openLog(b, filepath.Join(b.TempDir(), "log.sqlite"))
		w := newWorld(b, log)
		w.register("Anna", "Ben")
		w.connect("Anna", "Ben")
		r := served(b, log, openEngine(b, filepath.Join(b.TempDir(), "models")), projections.Options{})
		metadata, err := json.Marshal(domain.Metadata{OccurredAt: domain.MomentOf(w.then), Schema: domain.MetadataSchema})
		if err != nil {
			b.Fatal(err)
		}
		var last eventlog.Position
		var mu sync.Mutex
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			me := uuid.New()
			stream := connection.Stream(connection.Between(me, scenario.ID("Anna")))
			for revision := eventlog.NoStream; pb.Next(); revision++ {
				data, _ := json.Marshal(connection.MessageSent{Message: uuid.New(), From: me, To: scenario.ID("Anna"), Text: "hello"})
				appended, err := log.Append(context.Background(), stream, revision, []eventlog.Event{{ID: uuid.New(), Kind: "message_sent", Data: data, Metadata: metadata}})
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				if last.Compare(appended.Positions[0]) < 0 {
					last = appended.Positions[0]
				}
				mu.Unlock()
			}
		})
		wait(b, r, last)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}

// BenchmarkCatchUp brings a live build, with all of its indexes, from the start to
// the end of a log of 100,000 events: what a model projects while people read it.
func BenchmarkCatchUp(b *testing.B) {
	engines.EachBenchmark(b, func(b *testing.B) {
		const events = 100_000
		log := openLog(b, filepath.Join(b.TempDir(), "log.sqlite"))
		at := fillLog(b, log, events)
		n := 0
		for b.Loop() {
			b.StopTimer()
			engine := openEngine(b, filepath.Join(b.TempDir(), "models"))
			build, store, err := engine.Create(b.Context(), projections.Messenger)
			if err == nil {
				err = errors.Join(store.Finish(b.Context()), store.Close(), engine.Serve(b.Context(), projections.Messenger.Name, build))
			}
			if err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			r := served(b, log, engine, projections.Options{})
			wait(b, r, at)
			b.StopTimer()
			r.Close()
			b.StartTimer()
			n += events
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	})
}

package projections_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/scenario"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// BenchmarkApply writes messages to a live build in transactions of a few events,
// as many senders make them, and measures the processor's time for an event,
// checkpoints included.
func BenchmarkApply(b *testing.B) {
	engines.EachBenchmark(b, func(b *testing.B) {
		for _, size := range []int{10, 40} {
			b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) { benchmarkApply(b, size) })
		}
	})
}

func benchmarkApply(b *testing.B, size int) {
	_, store, err := openEngine(b, filepath.Join(b.TempDir(), "models")).Create(b.Context(), projections.Messenger)
	if err != nil {
		b.Fatal(err)
	}
	if err := store.Finish(b.Context()); err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	message := func() any {
		i := random.IntN(256)
		return connection.MessageSent{Message: uuid.New(), From: scenario.ID(fmt.Sprint(i / 4)), To: scenario.ID(fmt.Sprint(64 + i%64)), Text: "The plumber comes on Monday, can you be there at ten o'clock?"}
	}
	var batches [][]readmodel.Operation
	revision := int64(0)
	for n := 0; n < b.N; n += size {
		var operations []readmodel.Operation
		for range size {
			m := message().(connection.MessageSent)
			revision++
			operations = append(operations, projections.Operations(connection.Stream(connection.Between(m.From, m.To)), revision, time.UnixMicro(revision), m)...)
		}
		batches = append(batches, operations)
	}
	var from readmodel.Checkpoint
	before := processorTime(b)
	b.ResetTimer()
	for i, operations := range batches {
		to := readmodel.Checkpoint{Position: strconv.Itoa(i)}
		if err := store.Apply(b.Context(), from, to, operations); err != nil {
			b.Fatal(err)
		}
		from = to
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/event")
}

// processorTime is what the process has used so far, of the kernel too.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

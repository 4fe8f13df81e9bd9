package commands

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
)

// BenchmarkSendMessage has 64 clients send durably under keys, to a channel of
// their own each or all to one.
func BenchmarkSendMessage(b *testing.B) {
	for name, channels := range map[string]int{"64Channels": 64, "1Channel": 1} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b)
			s := h.service(h.log, h.openSnapshots())
			type client struct{ from, in uuid.UUID }
			clients := make([]client, 64)
			for i := range clients {
				from := scenario.ID(fmt.Sprint("from", i%channels))
				clients[i] = client{from, connection.Between(from, scenario.ID(fmt.Sprint("to", i%channels)))}
				if i < channels {
					h.connect(from, scenario.ID(fmt.Sprint("to", i)))
				}
			}
			before := h.log.Stats()
			var next, keys atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(64 / runtime.GOMAXPROCS(0))
			b.RunParallel(func(p *testing.PB) {
				c := clients[int(next.Add(1)-1)%len(clients)]
				for p.Next() {
					r := h.keyed(c.from, "SendMessage", connection.Stream(c.in), numbered("key", int(keys.Add(1))), "a")
					if _, err := s.connections.Execute(b.Context(), message(c.in, r), r); err != nil {
						b.Fatal(err)
					}
				}
			})
			after := h.log.Stats()
			b.ReportMetric(float64(after.Commits-before.Commits)/float64(b.N), "fsyncs/op")
			b.ReportMetric(float64(after.Appends-before.Appends)/float64(b.N), "appends/op")
		})
	}
}

// BenchmarkLook is what every request pays to know that its caller is somebody.
func BenchmarkLook(b *testing.B) {
	h := newHouse(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := h.connections.Look(b.Context(), channel, func(connection.State) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkColdLoad sends to a channel that is not in memory, from its snapshot
// and without one.
func BenchmarkColdLoad(b *testing.B) {
	for _, size := range []struct {
		name             string
		messages, unseen int
		snapshots        bool
	}{{"100", 100, 0, true}, {"100k", 100_000, 0, true}, {"100kUnseen20k", 100_000, 20_000, true}, {"100kWithoutSnapshot", 100_000, 0, false}} {
		b.Run(size.name, func(b *testing.B) {
			h := newHouse(b)
			h.fill(size.messages, size.unseen)
			var snapshots Snapshots
			if size.snapshots {
				f := h.openSnapshots()
				remembered(b, h.service(h.log, f))
				if err := f.Close(); err != nil {
					b.Fatal(err)
				}
				snapshots = h.openSnapshots()
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.send(h.service(h.log, snapshots), h.request(tom)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fill appends messages to the channel and has all but the last ones seen.
func (h *house) fill(messages, unseen int) {
	h.Helper()
	at := eventlog.Revision(len(h.stream(channel)) - 1)
	var events []eventlog.Event
	flush := func() {
		if _, err := h.log.Append(context.Background(), channel, at, events); err != nil {
			h.Fatal(err)
		}
		at += eventlog.Revision(len(events))
		events = events[:0]
	}
	var ids []uuid.UUID
	for i := range messages {
		r := h.request(tom)
		command := message(pair, r)
		ids = append(ids, command.Message)
		wrote := []connection.Event{connection.MessageSent{Message: command.Message, From: tom, To: lena, Text: command.Text}}
		if len(ids) == 500 && i < messages-unseen {
			wrote = append(wrote, connection.MessagesSeen{By: lena, Messages: ids})
			ids = nil
		}
		var err error
		if events, err = h.connections.encode(events, wrote, r); err != nil {
			h.Fatal(err)
		}
		if len(events) > 4000 {
			flush()
		}
	}
	flush()
}

// BenchmarkSave saves the snapshots of 256 channels in turn, each with the
// commands that came since its last one; ns/op is for a command.
func BenchmarkSave(b *testing.B) {
	f := newHouse(b).openSnapshots()
	state := []byte(strings.Repeat("x", 500))
	b.ReportAllocs()
	at := time.Now()
	for n := 0; n < b.N; n += 128 {
		commands := make([]Remembered, 128)
		for i := range commands {
			commands[i] = Remembered{Command: uuid.New(), Revision: eventlog.Revision(n + i), Events: 1, At: at.Add(time.Duration(n+i) * time.Microsecond)}
		}
		s := Snapshot{Stream: connection.Stream(connection.Between(scenario.ID("from"), scenario.ID(fmt.Sprint(n/128%256)))), Version: 1, Revision: eventlog.Revision(n + 127), Position: "1", Event: uuid.New(), State: state}
		kept := make(chan struct{})
		if !f.Save(s, commands, func() { close(kept) }) {
			b.Fatal("not taken")
		}
		<-kept
	}
}

package mail

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lobby.example/delivery/mail/sink"
)

// BenchmarkSend is letters to a server beside it, on 8 connections.
func BenchmarkSend(b *testing.B) {
	for name, encryption := range map[string]sink.Encryption{"plain": sink.None, "starttls": sink.StartTLS} {
		b.Run(name, func(b *testing.B) {
			var taken atomic.Int64
			mailbox := listen(b, sink.Options{Encryption: encryption, Received: func(sink.Letter) { taken.Add(1) }})
			s := sender(b, mailbox, Options{})
			b.ReportAllocs()
			b.ResetTimer()
			sendAll(b, s)
			if int(taken.Load()) != b.N {
				b.Errorf("%d of %d letters were taken", taken.Load(), b.N)
			}
		})
	}
}

// BenchmarkSendBesideAStall is the same while letters to one recipient are never
// answered: each holds one connection for its timeout.
func BenchmarkSendBesideAStall(b *testing.B) {
	mailbox := listen(b, sink.Options{Received: func(sink.Letter) {}})
	mailbox.Set("slow@example.org", sink.Stall)
	s := sender(b, mailbox, Options{Timeout: time.Second})
	ctx, cancel := context.WithCancel(context.Background())
	var stalled sync.WaitGroup
	stalled.Go(func() {
		for ctx.Err() == nil {
			_ = s.Send(ctx, letter("slow@example.org"))
		}
	})
	if err := mailbox.WaitStalled(soon(b), "slow@example.org", 1); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	sendAll(b, s)
	b.StopTimer()
	cancel()
	stalled.Wait()
}

func sendAll(b *testing.B, s *Sender) {
	var next atomic.Int64
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := s.Send(context.Background(), letter("jane@example.org")); err != nil {
					b.Error(err)
				}
			}
		})
	}
	senders.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

package logsubscriber_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"testing"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/google/uuid"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
)

const stored = 200_000 // events in the log that the benchmarks read

// filled is a log of events about as large as those of a message.
func filled(b *testing.B) *sqlitelog.Log {
	log := openLog(b)
	body, err := json.Marshal(map[string]string{"text": string(bytes.Repeat([]byte("0123456789"), 20))})
	if err != nil {
		b.Fatal(err)
	}
	metadata, err := json.Marshal(map[string]string{
		"command": uuid.NewString(), "actor": uuid.NewString(), "$correlationId": uuid.NewString(), "$causationId": uuid.NewString(),
		"occurred_at": "2026-11-22T09:30:00.000000Z",
	})
	if err != nil {
		b.Fatal(err)
	}
	for range stored / 1000 {
		events := make([]eventlog.Event, 1000)
		for i := range events {
			events[i] = eventlog.Event{ID: uuid.New(), Kind: "message_sent", Data: body, Metadata: metadata}
		}
		if _, err := log.Append(b.Context(), "connection-"+uuid.NewString(), eventlog.NoStream, events); err != nil {
			b.Fatal(err)
		}
	}
	return log
}

func reader(b *testing.B, log eventlog.Log) *logsubscriber.Subscriber {
	s, err := logsubscriber.New(logsubscriber.Config{Log: log, Checkpoints: &memory{}, From: logsubscriber.Start})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkSubscriber acks what comes, from the start of the log again and again; b.N counts events.
func BenchmarkSubscriber(b *testing.B) {
	log := filled(b)
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; {
		s := reader(b, log)
		messages, err := s.Subscribe(b.Context(), "")
		if err != nil {
			b.Fatal(err)
		}
		for n := min(left, stored); n > 0; n, left = n-1, left-1 {
			(<-messages).Ack()
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkRouter is the same behind a Router that recovers and correlates, with a
// handler that does nothing.
func BenchmarkRouter(b *testing.B) {
	log := filled(b)
	logger := watermill.NewSlogLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; {
		router, err := message.NewRouter(message.RouterConfig{}, logger)
		if err != nil {
			b.Fatal(err)
		}
		router.AddMiddleware(middleware.Recoverer, middleware.CorrelationID)
		n, seen, enough := min(left, stored), 0, make(chan struct{})
		router.AddConsumerHandler("nothing", "", reader(b, log), func(*message.Message) error {
			if seen++; seen == n {
				close(enough)
			}
			return nil
		})
		go func() {
			<-enough
			router.Close()
		}()
		if err := router.Run(context.Background()); err != nil {
			b.Fatal(err)
		}
		left -= n
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

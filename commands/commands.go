// Package commands changes things: it loads the state that a command is about,
// lets the domain decide, appends what was decided, and answers.
//
// It promises that a command is decided on the state that its events are appended
// to, that a retry under the same idempotency key answers as the first time did
// and writes nothing, and that a refusal is answered only on a state that was
// still the newest when it was answered. It never asks a read model, and it holds
// no rule of the business: rules that span streams read the other stream here,
// but what they mean is said by the noun.
package commands

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"lobby.example/blobs"
	"lobby.example/domain"
	"lobby.example/domain/attachment"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/person"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/domain/webhook"
	"lobby.example/eventlog"
)

// Options say how commands are executed. The zero value is a good choice.
type Options struct {
	// Snapshots keeps states beside the log, so that a cold load does not grow with
	// the stream. Nil means none: every cold load folds the whole stream.
	Snapshots Snapshots
	// CachedStreams bounds the streams of one category kept in memory; 0 means 10,000.
	CachedStreams int
	// Files keeps the bytes of what is uploaded; without it nothing can be.
	Files *blobs.Store
	// MaxFileBytes bounds one uploaded file; 0 means 25 MiB.
	MaxFileBytes int64
	// Webhooks is what tells other programs; without it nobody subscribes.
	Webhooks Webhooks
	// Unsubscribe tells whose token a link in an email has; without it there is no
	// such page.
	Unsubscribe func(ctx context.Context, token string) (person uuid.UUID, ok bool)
	// Now is the clock of the edge; nil means time.Now.
	Now func() time.Time
	// Logger gets what no caller is told; nil means slog.Default.
	Logger *slog.Logger
}

// Service executes commands on one log. It is safe for concurrent use.
type Service struct {
	log    eventlog.Log
	now    func() time.Time
	logger *slog.Logger
	files  *blobs.Store
	most   int64 // bytes of a file

	events    room // for what is appended
	fileBytes room

	delivery    Webhooks
	unsubscribe func(ctx context.Context, token string) (person uuid.UUID, ok bool)

	people      *Streams[person.State]
	connections *Streams[connection.State]
	posts       *Streams[post.State]
	requests    *Streams[maintenance.State]
	attachments *Streams[attachment.State]
	readers     *Streams[reader.State]
	webhooks    *Streams[webhook.State]
}

// New makes a service on a log.
func New(log eventlog.Log, options Options) *Service {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.MaxFileBytes <= 0 {
		options.MaxFileBytes = 25 << 20
	}
	if options.CachedStreams <= 0 {
		options.CachedStreams = 10_000
	}
	s := &Service{
		now:         options.Now,
		logger:      options.Logger,
		files:       options.Files,
		most:        options.MaxFileBytes,
		events:      room{what: "events", logger: options.Logger},
		fileBytes:   room{what: "files", logger: options.Logger},
		delivery:    options.Webhooks,
		unsubscribe: options.Unsubscribe,
	}
	s.log = watched{log, &s.events}
	s.people = newStreams(s.log, person.Noun, options)
	s.connections = newStreams(s.log, connection.Noun, options)
	s.posts = newStreams(s.log, post.Noun, options)
	s.requests = newStreams(s.log, maintenance.Noun, options)
	s.attachments = newStreams(s.log, attachment.Noun, options)
	s.readers = newStreams(s.log, reader.Noun, options)
	s.webhooks = newStreams(s.log, webhook.Noun, options)
	return s
}

// Request is what the edge knows about a command, whatever it asks for.
type Request struct {
	Command uuid.UUID   // its id
	Keyed   bool        // the id comes from an idempotency key, so a retry may come
	Earlier []uuid.UUID // ids that an earlier request under the same key may have had
	Actor   uuid.UUID
	At      time.Time
	Content string // hash of what is asked
}

// Result tells where a command left its stream.
type Result struct {
	Command  uuid.UUID // the id that wrote it; a retry gets the first one's
	Stream   string
	Revision eventlog.Revision
	Position eventlog.Position
	Events   int // how many it wrote; 0 when there was nothing to do
}

// Execution is a command with the streams it belongs to, ready to run.
type Execution interface {
	Stream() string
	Run(ctx context.Context, request Request) (Result, error)
	// Remembered tells what an earlier request under the same key left behind.
	Remembered(ctx context.Context, request Request) (Result, bool, error)
}

type execution[S any] struct {
	domain.Command[S]
	streams *Streams[S]
}

func (e execution[S]) Run(ctx context.Context, request Request) (Result, error) {
	return e.streams.Execute(ctx, e.Command, request)
}

func (e execution[S]) Remembered(ctx context.Context, request Request) (Result, bool, error) {
	return e.streams.Remembered(ctx, e.Command.Stream(), request)
}

func on[S any](streams *Streams[S], command domain.Command[S]) Execution {
	return execution[S]{command, streams}
}

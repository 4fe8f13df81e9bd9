package commands

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/maypok86/otter/v2"

	"lobby.example/domain"
	"lobby.example/eventlog"
)

// Streams executes commands on the streams of one noun. States stay in a bounded
// cache; one that was thrown out, or is held by two at once, costs a reload or a
// conflict, never a wrong answer: the log compares revisions.
type Streams[S any] struct {
	log       eventlog.Log
	noun      domain.Noun[S]
	snapshots Snapshots
	logger    *slog.Logger
	cache     *otter.Cache[string, *stream[S]]
}

func newStreams[S any](log eventlog.Log, noun domain.Noun[S], options Options) *Streams[S] {
	return &Streams[S]{
		log:       log,
		noun:      noun,
		snapshots: options.Snapshots,
		logger:    options.Logger,
		cache:     otter.Must(&otter.Options[string, *stream[S]]{MaximumSize: options.CachedStreams}),
	}
}

// maxTurn bounds the commands that are decided for one append.
const maxTurn = 256

// stream is one stream's state and the queue before it. Whoever holds the turn
// decides for everybody who waits, so that a hot stream takes one append for
// many commands instead of many appends that fight.
type stream[S any] struct {
	name string

	mu    sync.Mutex
	taken bool // somebody has the turn
	queue []*waiting[S]

	// Both are touched only by whoever has the turn.
	loaded[S]
	mistrusts bool // the snapshots failed: the stream does without them
}

// waiting is one command in the queue, one look at the state, or the question
// what an earlier request left behind.
type waiting[S any] struct {
	ctx     context.Context
	command domain.Command[S] // nil for a look and for the question
	request Request
	look    func(S) error

	turn    chan bool // true: the turn is yours; false: your answer is there
	outcome *outcome
	err     error
}

// outcome is what a command left behind, shared by its retries.
type outcome struct {
	command  uuid.UUID
	content  string
	revision eventlog.Revision
	position eventlog.Position
	events   int
	at       time.Time
	kept     atomic.Bool // the snapshots have it
}

// Execute decides a command on its stream's state and appends what follows.
//
// It fails with a *domain.Refusal when the domain says no, or the key was used
// for another request; any other error says that the outcome is unknown, and
// the same request may be sent again.
func (s *Streams[S]) Execute(ctx context.Context, command domain.Command[S], request Request) (Result, error) {
	name := command.Stream()
	w := &waiting[S]{ctx: ctx, command: command, request: request}
	s.wait(name, w)
	if w.err != nil {
		return Result{}, w.err
	}
	return w.result(name), nil
}

// Look shows the newest state of a stream, which may be the zero state of one
// that does not exist. It may be shown an older one first: what the last call
// answers counts. The state must not be kept or changed.
func (s *Streams[S]) Look(ctx context.Context, name string, look func(S) error) error {
	w := &waiting[S]{ctx: ctx, look: look}
	s.wait(name, w)
	return w.err
}

// Remembered tells what an earlier request under the same key left behind, if
// there was one in the last day. It fails as Execute does when that was another
// request.
func (s *Streams[S]) Remembered(ctx context.Context, name string, request Request) (Result, bool, error) {
	if !request.Keyed {
		return Result{}, false, nil
	}
	w := &waiting[S]{ctx: ctx, request: request}
	s.wait(name, w)
	if w.err != nil || w.outcome == nil {
		return Result{}, false, w.err
	}
	return w.result(name), true, nil
}

func (w *waiting[S]) result(name string) Result {
	return Result{Command: w.outcome.command, Stream: name, Revision: w.outcome.revision, Position: w.outcome.position, Events: w.outcome.events}
}

// wait queues, and returns when the answer is there.
func (s *Streams[S]) wait(name string, w *waiting[S]) {
	st, ok := s.cache.GetIfPresent(name)
	if !ok {
		st, _ = s.cache.SetIfAbsent(name, &stream[S]{name: name})
	}
	st.mu.Lock()
	if st.taken {
		w.turn = make(chan bool, 1)
		st.queue = append(st.queue, w)
		st.mu.Unlock()
		if mine := <-w.turn; !mine {
			return
		}
		st.mu.Lock()
	} else {
		st.queue = append(st.queue, w)
		st.taken = true
	}
	turn := st.queue[:min(len(st.queue), maxTurn)]
	st.queue = st.queue[len(turn):]
	st.mu.Unlock()

	s.serve(st, turn)

	st.mu.Lock()
	var next *waiting[S]
	if len(st.queue) > 0 {
		next = st.queue[0]
	} else {
		st.queue, st.taken = nil, false
	}
	st.mu.Unlock()
	if next != nil {
		next.turn <- true
	}
	for _, other := range turn {
		if other != w {
			other.turn <- false
		}
	}
}

package commands

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/eventlog"
)

const (
	// maxAttempts bounds how often a turn decides again because another process
	// was faster.
	maxAttempts = 10
	// maxRepeats bounds how often an append with an unknown outcome is repeated,
	// with the same ids at the same expected revision.
	maxRepeats = 3
	// turnTimeout bounds one turn. It is not the callers' patience: a turn serves
	// many, and one who hangs up must not take the others' append along.
	turnTimeout = 20 * time.Second
)

// ErrBusy answers when other processes kept changing the stream.
var ErrBusy = errors.New("commands: the stream kept changing")

// KeyReused refuses a second request under the key of another.
var KeyReused = domain.Bad("Idempotency-Key", "idempotency_key_reused", "This key was used for another request.")

// serve answers everybody of a turn, whatever happens: a mistake in a rule must
// not keep the stream from those who come later.
func (s *Streams[S]) serve(st *stream[S], turn []*waiting[S]) {
	defer func() {
		if r := recover(); r != nil {
			st.fail(turn, fmt.Errorf("commands: panic in a turn of %s: %v\n%s", st.name, r, debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(turn[0].ctx), turnTimeout)
	defer cancel()
	err := s.attempt(ctx, st, turn)
	for range maxAttempts - 1 {
		if conflict := (*eventlog.ConflictError)(nil); !errors.As(err, &conflict) && !errors.Is(err, errAgain) {
			break
		}
		err = s.attempt(ctx, st, turn)
	}
	if err == nil {
		s.keep(st)
		return
	}
	if conflict := (*eventlog.ConflictError)(nil); errors.As(err, &conflict) || errors.Is(err, errAgain) {
		err = fmt.Errorf("%w: %w", ErrBusy, err)
	}
	st.fail(turn, err)
}

// fail answers a turn with an error, and forgets the state: what was decided on
// top of it may not have happened.
func (st *stream[S]) fail(turn []*waiting[S], err error) {
	st.loaded = loaded[S]{}
	for _, w := range turn {
		w.outcome, w.err = nil, err
	}
}

// errAgain says that a turn is to be decided once more: the stream had moved on
// when a turn without events ended, or its state had to be folded anew.
var errAgain = errors.New("commands: the stream has advanced")

// attempt decides the whole turn on the state at hand and appends it as one. What
// it answered stands only when it returns nil: either the append went through at
// the exact revision, or nothing was to be appended and the tail had nothing new.
func (s *Streams[S]) attempt(ctx context.Context, st *stream[S], turn []*waiting[S]) error {
	fresh := false
	if !st.ready {
		if err := s.load(ctx, st); err != nil {
			st.loaded = loaded[S]{}
			return err
		}
		fresh = true
	}
	base := st.revision
	var events []eventlog.Event
	var pending []domain.Past[S] // what the turn has decided so far
	for _, w := range turn {
		w.outcome, w.err = nil, w.ctx.Err()
		if w.err != nil {
			continue
		}
		if w.look != nil {
			w.err = w.look(st.state)
			continue
		}
		decided, err := s.decide(ctx, st, w, base, pending)
		if err != nil {
			return err
		}
		if w.err != nil || w.outcome != nil || w.command == nil {
			continue
		}
		w.outcome = &outcome{command: w.request.Command, content: w.request.Content, revision: st.revision, position: st.position, events: len(decided), at: w.request.At}
		if len(decided) == 0 {
			continue
		}
		for i, e := range decided {
			pending = append(pending, domain.Past[S]{Event: e, Revision: int64(st.revision) + int64(i) + 1, Time: domain.MomentOf(w.request.At).Time})
		}
		if events, err = s.encode(events, decided, w.request); err != nil {
			return err
		}
		st.state = domain.Fold(st.state, decided...)
		st.revision += eventlog.Revision(len(decided))
		w.outcome.revision = st.revision
		if w.request.Keyed {
			st.recent.remember(w.outcome)
		}
	}
	if len(events) == 0 {
		if fresh {
			return nil
		}
		return s.checkTail(ctx, st)
	}
	appended, err := s.append(ctx, st.name, base, events)
	if err != nil {
		st.loaded = loaded[S]{}
		return err
	}
	for _, w := range turn {
		if w.outcome != nil && w.outcome.revision > base {
			w.outcome.position = appended.Positions[w.outcome.revision-base-1]
		}
	}
	st.position, st.event = appended.Positions[len(appended.Positions)-1], events[len(events)-1].ID
	return nil
}

// decide sets the outcome or the refusal of a command, or returns its events.
// Its own error is the whole turn's: the state could not be told.
func (s *Streams[S]) decide(ctx context.Context, st *stream[S], w *waiting[S], base eventlog.Revision, pending []domain.Past[S]) ([]domain.Event[S], error) {
	if w.request.Keyed {
		earlier, err := s.recall(ctx, st, w.request)
		switch {
		case err != nil:
			return nil, err
		case earlier != nil && earlier.content != w.request.Content:
			w.err = KeyReused
			return nil, nil
		case earlier != nil:
			w.outcome = earlier
			return nil, nil
		}
	}
	if w.command == nil { // only what an earlier request left behind was asked for
		return nil, nil
	}
	var decided []domain.Event[S]
	if r, ok := w.command.(domain.Recalling[S]); ok && r.Forgotten(st.state) {
		if len(pending) == 0 { // perhaps the state only does not know yet, which is cheaper to learn
			if err := s.checkTail(ctx, st); err != nil {
				return nil, err
			}
		}
		var readErr error
		decided, w.err = r.Recall(st.state, s.history(ctx, st.name, base, pending, &readErr))
		if readErr != nil {
			return nil, readErr
		}
	} else {
		decided, w.err = w.command.Decide(st.state)
	}
	return decided, nil
}

// history yields what the state was folded from, newest first: what the turn has
// decided, which will be in the log when anybody is answered, then the log.
func (s *Streams[S]) history(ctx context.Context, name string, base eventlog.Revision, pending []domain.Past[S], failed *error) iter.Seq[domain.Past[S]] {
	return func(yield func(domain.Past[S]) bool) {
		for _, past := range slices.Backward(pending) {
			if !yield(past) {
				return
			}
		}
		if base == eventlog.NoStream {
			return
		}
		for r, err := range s.log.ReadStream(ctx, name, base, eventlog.Backward, 0) {
			if err != nil {
				*failed = err
				return
			}
			event, metadata, err := s.read(r)
			if err != nil {
				*failed = err
				return
			}
			if !yield(domain.Past[S]{Event: event, Revision: int64(r.Revision), Time: metadata.OccurredAt.Time}) {
				return
			}
		}
	}
}

// append writes a turn's events, and repeats it while the outcome is unknown.
func (s *Streams[S]) append(ctx context.Context, name string, expected eventlog.Revision, events []eventlog.Event) (appended eventlog.Appended, err error) {
	for range maxRepeats {
		appended, err = s.log.Append(ctx, name, expected, events)
		if conflict := (*eventlog.ConflictError)(nil); err == nil || ctx.Err() != nil || errors.As(err, &conflict) ||
			errors.Is(err, eventlog.ErrInvalid) || errors.Is(err, eventlog.ErrFull) || errors.Is(err, eventlog.ErrTooLarge) || errors.Is(err, eventlog.ErrClosed) {
			break
		}
	}
	return appended, err
}

// encode adds a command's events to those of the turn. The id of each derives
// from the command's, so a repeated append is recognised by the log; and from
// what is asked, so that another request under the same key is not: of two
// processes that decide them on the same revision, one has to meet a conflict.
func (s *Streams[S]) encode(events []eventlog.Event, decided []domain.Event[S], r Request) ([]eventlog.Event, error) {
	metadata, err := encodeMetadata(r)
	if err != nil {
		return nil, err
	}
	for i, e := range decided {
		data, err := s.noun.Facts.Encode(e)
		if err != nil {
			return nil, err
		}
		id := uuid.NewSHA1(r.Command, append([]byte{byte(i >> 8), byte(i)}, r.Content...))
		events = append(events, eventlog.Event{ID: id, Kind: e.Kind(), Data: data, Metadata: metadata})
	}
	return events, nil
}

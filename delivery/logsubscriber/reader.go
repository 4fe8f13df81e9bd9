package logsubscriber

import (
	"context"
	"errors"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"lobby.example/eventlog"
)

const (
	// A checkpoint is saved after so many acks or so long a time, whichever comes
	// first; and when there is nothing more to hand out.
	saveAfterAcks = 1000
	saveAfter     = time.Second
	// finishTimeout bounds the last save, whose context must outlive the subscription.
	finishTimeout = 5 * time.Second
)

// answer is what became of the message that was handed out last.
type answer int

const (
	acked   answer = iota // or nothing was handed out
	nacked                // it is due again; its handler is done
	pending               // its handler may still be at work
)

// reader is one subscription. One goroutine has it.
type reader struct {
	*Config
	topic string
	out   chan *message.Message

	at, saved Checkpoint // everything up to at was acked
	acks      int        // since tried
	tried     time.Time  // to save
	last      answer
}

// run hands out events until the context ends, then it returns nil, or until the
// log can never be followed any further. There is one attempt at a time to follow
// the log; pauses grow until it has worked for a while.
func (r *reader) run(ctx context.Context) error {
	for failures := 1; ; failures++ {
		started := time.Now()
		err := r.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, eventlog.ErrForeign) || errors.Is(err, eventlog.ErrBeyondHead) || errors.Is(err, eventlog.ErrClosed) {
			r.Logger.Error("event log cannot be followed any further", "after", r.at.Position, "error", err)
			return err
		}
		if time.Since(started) > followPause.Max {
			failures = 1
		}
		pause := followPause.pause(failures)
		r.Logger.Warn("event log interrupted", "after", r.at.Position, "again_in", pause, "error", err)
		if !rest(ctx, pause) {
			return nil
		}
	}
}

// follow goes on from the last acked place until something fails.
func (r *reader) follow(ctx context.Context) error {
	for batch, err := range r.Log.Follow(ctx, r.at.Position) {
		if err != nil {
			return err
		}
		for i := range batch.Events {
			e := &batch.Events[i]
			if r.wants(e) {
				if err := r.deliver(ctx, e); err != nil {
					return err
				}
				r.acks++
			}
			r.at = Checkpoint{Position: e.Position, Event: e.ID}
			if r.acks >= saveAfterAcks || time.Since(r.tried) >= saveAfter {
				r.save(ctx)
			}
		}
		if batch.Through != r.at.Position {
			r.at = Checkpoint{Position: batch.Through, Event: uuid.Nil}
		}
		if batch.CaughtUp || time.Since(r.tried) >= saveAfter {
			r.save(ctx)
		}
	}
	return errors.New("the log ended the sequence without an error")
}

// wants reports whether the topic has the event's stream, and the handler the event.
// Only the name of a single stream has a hyphen in it; a category never has.
func (r *reader) wants(e *eventlog.Recorded) bool {
	return (r.topic == "" || r.topic == e.Stream || r.topic == eventlog.Category(e.Stream)) && (r.Wants == nil || r.Wants(*e))
}

// deliver hands out one event until it is acked or the context ends.
func (r *reader) deliver(ctx context.Context, e *eventlog.Recorded) error {
	for nacks := 1; ; nacks++ {
		if err := r.attempt(ctx, e); err != nil {
			return err
		}
		if r.last == acked {
			return nil
		}
		pause := r.NackPause.pause(nacks)
		r.Logger.Warn("event was nacked", "event", e.ID, "position", e.Position, "times", nacks, "again_in", pause)
		if !rest(ctx, pause) {
			return ctx.Err()
		}
	}
}

// attempt hands the event out once, and sets what became of it.
func (r *reader) attempt(ctx context.Context, e *eventlog.Recorded) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m := newMessage(e)
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	m.SetContext(own)
	select {
	case r.out <- m:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-m.Acked():
	case <-m.Nacked():
	case <-ctx.Done():
		late := time.NewTimer(r.AnswerWait)
		defer late.Stop()
		select {
		case <-m.Acked():
		case <-m.Nacked():
		case <-late.C:
		}
	}
	r.last = answerTo(m) // select takes any of what is ready; an answer goes first
	if r.last != acked {
		return ctx.Err()
	}
	return nil // it counts also when the context has ended, which the next attempt sees
}

func answerTo(m *message.Message) answer {
	select {
	case <-m.Acked():
		return acked
	case <-m.Nacked():
		return nacked
	default:
		return pending
	}
}

// save remembers what was acked, if that is news. It is called between messages
// only. What cannot be saved now is tried later: at worst, messages come again.
func (r *reader) save(ctx context.Context) {
	r.tried, r.acks = time.Now(), 0
	if r.at == r.saved || ctx.Err() != nil { // finish does it
		return
	}
	if err := r.Checkpoints.Save(ctx, r.at); err != nil {
		r.Logger.Warn("checkpoint not saved", "position", r.at.Position, "error", err)
		return
	}
	r.saved = r.at
}

// finish saves the checkpoint a last time. While a handler may be at work it does
// not, since the handler may save a later one; and when a nacked one has done so,
// that stays.
func (r *reader) finish(ctx context.Context) error {
	if r.last == pending || r.at == r.saved {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, finishTimeout)
	defer cancel()
	if r.last == nacked {
		stored, found, err := r.Checkpoints.Load(ctx)
		if err != nil || found && stored.Position.Compare(r.at.Position) >= 0 {
			return err
		}
	}
	return r.Checkpoints.Save(ctx, r.at)
}

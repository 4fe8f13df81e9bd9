package logsubscriber

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// Checkpoint is the place up to which everything was acked.
type Checkpoint struct {
	Position eventlog.Position
	Event    uuid.UUID // the id of the event there; uuid.Nil where it is not known
}

// Checkpoints keeps the one checkpoint of a subscriber. A handler may save one of
// its own through the same store, in the transaction of its work: that of its
// message, before it acks it. Nothing else is saved while a message is in flight.
type Checkpoints interface {
	// Load answers false where nothing was saved yet. A saved start of the log, the
	// zero Position, is a checkpoint like any other.
	Load(ctx context.Context) (Checkpoint, bool, error)
	Save(ctx context.Context, c Checkpoint) error
}

// ErrCheckpoint refuses a checkpoint that is no place in the log: one of the two
// was restored from an older copy, or belongs to another log. To go on anyway
// could skip events or hand them out twice, so somebody has to say where from.
var ErrCheckpoint = errors.New("logsubscriber: the checkpoint is not one of this log; was a backup restored? say where to start from")

// start is the place after which a subscription begins.
func (s *Subscriber) start(ctx context.Context) (Checkpoint, error) {
	at, found, err := s.config.Checkpoints.Load(ctx)
	if err != nil {
		return at, fmt.Errorf("logsubscriber: load the checkpoint: %w", err)
	}
	if found {
		return at, Check(ctx, s.config.Log, at)
	}
	at = Checkpoint{}
	if s.config.From == Head {
		if at, err = head(ctx, s.config.Log); err != nil {
			return at, fmt.Errorf("logsubscriber: look for the head: %w", err)
		}
	}
	if err := s.config.Checkpoints.Save(ctx, at); err != nil {
		return at, fmt.Errorf("logsubscriber: save the first checkpoint: %w", err)
	}
	return at, nil
}

func head(ctx context.Context, log eventlog.Log) (Checkpoint, error) {
	position, err := log.Head(ctx)
	if err != nil || position.IsZero() {
		return Checkpoint{}, err
	}
	event, err := eventAt(ctx, log, position)
	return Checkpoint{Position: position, Event: event}, err
}

// Check compares a stored checkpoint with the log: the position must be a place
// in it, and the event there must be the one that was there. Otherwise it fails
// with ErrCheckpoint, as Subscribe does, for who wants to know before.
func Check(ctx context.Context, log eventlog.Log, at Checkpoint) error {
	// The log's head does not tell whether it has the place: where what came last
	// was filtered out, the checkpoint is rightly beyond it.
	for _, err := range log.Follow(ctx, at.Position) {
		if errors.Is(err, eventlog.ErrForeign) || errors.Is(err, eventlog.ErrBeyondHead) {
			return fmt.Errorf("%w (checkpoint %s: %w)", ErrCheckpoint, at.Position, err)
		}
		if err != nil {
			return fmt.Errorf("logsubscriber: check the checkpoint: %w", err)
		}
		break
	}
	if at.Position.IsZero() || at.Event == uuid.Nil {
		return nil
	}
	event, err := eventAt(ctx, log, at.Position)
	if err != nil {
		return fmt.Errorf("logsubscriber: check the checkpoint: %w", err)
	}
	if event != at.Event {
		return fmt.Errorf("%w (the event at %s is another)", ErrCheckpoint, at.Position)
	}
	return nil
}

// eventAt is the id of the event at exactly this position, or uuid.Nil.
func eventAt(ctx context.Context, log eventlog.Log, position eventlog.Position) (uuid.UUID, error) {
	for r, err := range log.ReadAll(ctx, position, eventlog.Backward, 1) {
		if err != nil {
			return uuid.Nil, err
		}
		if r.Position == position {
			return r.ID, nil
		}
	}
	return uuid.Nil, nil
}

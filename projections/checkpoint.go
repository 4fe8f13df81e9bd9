package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// ErrCheckpoint refuses a read model whose checkpoint is no place in the log: one
// of the two was restored from an older copy, or belongs to another log. What was
// built from events that the log no longer has must not be served; building it
// anew is always right.
var ErrCheckpoint = errors.New("projections: the read model is not one of this log; was a backup restored? build it anew (lobby serve --rebuild)")

func readCheckpoint(ctx context.Context, store readmodel.Store) (readmodel.Checkpoint, eventlog.Position, error) {
	checkpoint, err := store.Checkpoint(ctx)
	if err != nil || checkpoint.Position == "" {
		return checkpoint, eventlog.Position{}, err
	}
	position, err := eventlog.ParsePosition(checkpoint.Position)
	return checkpoint, position, err
}

// checkCheckpoint compares the stored checkpoint with the log: the position must
// be a place in it, and the last event there must be the one that was. It answers
// with the position, and since when something has been waiting there to be
// projected, which is the zero time when nothing has.
func checkCheckpoint(ctx context.Context, log eventlog.Log, store readmodel.Store) (position eventlog.Position, waiting time.Time, err error) {
	checkpoint, position, err := readCheckpoint(ctx, store)
	if err != nil {
		return position, waiting, err
	}
	// The log's head does not tell whether it has the place: where what came last
	// was filtered out, the checkpoint is rightly beyond it.
	for batch, err := range log.Follow(ctx, position) {
		if refused(err) {
			return position, waiting, fmt.Errorf("%w (checkpoint %s: %w)", ErrCheckpoint, position, err)
		}
		if err != nil {
			return position, waiting, err
		}
		if len(batch.Events) > 0 {
			waiting = batch.Events[0].Time
		}
		break
	}
	return position, waiting, checkEvent(ctx, log, checkpoint, position)
}

// checkEvent fails with ErrCheckpoint when the last event at or before the position
// is not the checkpoint's. It has to be asked after following from there began: a log that
// is restored ends what follows it, so what comes is of the log that was asked.
func checkEvent(ctx context.Context, log eventlog.Log, checkpoint readmodel.Checkpoint, position eventlog.Position) error {
	if position.IsZero() || checkpoint.Event == "" {
		return nil
	}
	for r, err := range log.ReadAll(ctx, position, eventlog.Backward, 1) {
		if err != nil {
			return err
		}
		if r.ID.String() == checkpoint.Event {
			return nil
		}
	}
	return fmt.Errorf("%w (the last event up to %s is another)", ErrCheckpoint, position)
}

// isPlace asks the log whether it has a position.
func isPlace(ctx context.Context, log eventlog.Log, position eventlog.Position) error {
	for _, err := range log.Follow(ctx, position) {
		return err
	}
	return ctx.Err()
}

// refused reports that a position is no place in a log.
func refused(err error) bool {
	return errors.Is(err, eventlog.ErrForeign) || errors.Is(err, eventlog.ErrBeyondHead)
}

package projections

import (
	"context"
	"errors"
	"fmt"

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
// not be beyond its head, and the event there must be the one that was there.
func checkCheckpoint(ctx context.Context, log eventlog.Log, store readmodel.Store) (eventlog.Position, error) {
	checkpoint, position, err := readCheckpoint(ctx, store)
	if err != nil {
		return position, err
	}
	head, err := log.Head(ctx)
	if err != nil {
		return position, err
	}
	if !position.SameLog(head) || (head.IsZero() && !position.IsZero()) || position.Compare(head) > 0 {
		return position, fmt.Errorf("%w (checkpoint %s, head of the log %s)", ErrCheckpoint, position, head)
	}
	if position.IsZero() || checkpoint.Event == "" {
		return position, nil
	}
	for r, err := range log.ReadAll(ctx, position, eventlog.Backward, 1) {
		if err != nil {
			return position, err
		}
		if r.Position != position || r.ID.String() != checkpoint.Event {
			return position, fmt.Errorf("%w (another event at %s)", ErrCheckpoint, position)
		}
		return position, nil
	}
	return position, fmt.Errorf("%w (no event at %s)", ErrCheckpoint, position)
}

package logsubscriber

import (
	"context"

	"lobby.example/eventlog"
)

// Check refuses a checkpoint that is no place in the log with ErrCheckpoint, as
// Subscribe does, for who wants to know before.
func Check(ctx context.Context, log eventlog.Log, at Checkpoint) error { return check(ctx, log, at) }

package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/delivery/queue"
	"lobby.example/eventlog"
)

// checkpoints keeps how far the log has been read where the items are kept.
type checkpoints struct {
	store *queue.Store
	saved time.Time
}

// saveEvery is how often a place is kept that nothing follows from. What does is
// kept with its plan; to read the others once more after a crash costs nothing, and
// to write on each commit of a busy log would.
const saveEvery = time.Second

func (c *checkpoints) Load(ctx context.Context) (at logsubscriber.Checkpoint, ok bool, err error) {
	stored, ok, err := c.store.Checkpoint(ctx)
	if !ok || err != nil {
		return at, false, err
	}
	if at.Position, err = eventlog.ParsePosition(stored.Position); err != nil {
		return at, false, fmt.Errorf("delivery: stored checkpoint: %w", err)
	}
	if stored.Event != "" {
		if at.Event, err = uuid.Parse(stored.Event); err != nil {
			return at, false, fmt.Errorf("delivery: stored checkpoint: %w", err)
		}
	}
	return at, true, nil
}

func (c *checkpoints) Save(ctx context.Context, at logsubscriber.Checkpoint) error {
	if time.Since(c.saved) < saveEvery {
		return nil
	}
	c.saved = time.Now()
	stored := queue.Checkpoint{Position: at.Position.String()}
	if at.Event != uuid.Nil {
		stored.Event = at.Event.String()
	}
	return c.store.SaveCheckpoint(ctx, stored)
}

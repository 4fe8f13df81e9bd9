package queue

import (
	"context"
	"errors"
	"fmt"
)

// Checkpoint is how far the log has been planned: a printed position, and the id
// of the event there where it is known. What is in them is not looked at here.
type Checkpoint struct{ Position, Event string }

// Checkpoint answers false where nothing has been planned, and after a Restart.
func (s *Store) Checkpoint(ctx context.Context) (Checkpoint, bool, error) {
	var c Checkpoint
	if err := s.read.QueryRowContext(ctx, "select position, event from progress").Scan(&c.Position, &c.Event); err != nil {
		return Checkpoint{}, false, fmt.Errorf("queue: read the checkpoint: %w", err)
	}
	return c, c.Position != "", nil
}

// SaveCheckpoint moves the checkpoint where nothing followed from the log.
func (s *Store) SaveCheckpoint(ctx context.Context, c Checkpoint) error {
	if err := s.owned(); err != nil {
		return err
	}
	if err := s.change(ctx, func(tx *transaction) error { return tx.saveCheckpoint(c) }); err != nil {
		return fmt.Errorf("queue: save the checkpoint: %w", err)
	}
	return nil
}

func (tx *transaction) saveCheckpoint(c Checkpoint) error {
	if c.Position == "" {
		return errors.New("a checkpoint needs a position")
	}
	_, err := tx.exec("update progress set position = $1, event = $2, restart = '' where position <> $1 or restart <> ''", c.Position, c.Event)
	return err
}

// Restart says where planning is to start instead of at the checkpoint, which
// goes: "head", "start" or a printed position. The items stay. It is the owner's:
// one that runs elsewhere would go on from its own place.
func (s *Store) Restart(ctx context.Context, from string) error {
	if err := s.owned(); err != nil {
		return err
	}
	if from == "" {
		return errors.New("queue: a restart needs a place to start from")
	}
	err := s.change(ctx, func(tx *transaction) error {
		_, err := tx.exec("update progress set position = '', event = '', restart = $1", from)
		return err
	})
	if err != nil {
		return fmt.Errorf("queue: restart: %w", err)
	}
	return nil
}

// RestartFrom is what Restart said, until the next checkpoint.
func (s *Store) RestartFrom(ctx context.Context) (string, bool, error) {
	var from string
	if err := s.read.QueryRowContext(ctx, "select restart from progress").Scan(&from); err != nil {
		return "", false, fmt.Errorf("queue: read the restart: %w", err)
	}
	return from, from != "", nil
}

package commands

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// Snapshot is a state as of one revision of its stream.
type Snapshot struct {
	Stream   string
	Version  int // of the noun's state
	Revision eventlog.Revision
	Position string    // of the event at the revision
	Event    uuid.UUID // its id
	State    []byte
}

// Snapshots keeps states and recent commands beside the log. It is local and
// disposable: whatever is lost is folded from the log again. A stream's snapshot
// and its commands up to that revision are kept together.
type Snapshots interface {
	// Load finds the newest snapshot of a stream, of that version only.
	Load(ctx context.Context, stream string, version int) (Snapshot, bool, error)
	// Commands finds those of the commands that were in the stream in the last day.
	Commands(ctx context.Context, stream string, ids []uuid.UUID) ([]Remembered, error)
	// Save keeps a snapshot and the commands since the one before, some time soon,
	// and calls kept when it has. It reports false, and keeps nothing, when there
	// is too much to do, as while there is no room. Once it has failed to keep something it keeps nothing any
	// more, so that what is there stays whole.
	Save(snapshot Snapshot, commands []Remembered, kept func()) bool
}

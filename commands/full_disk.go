package commands

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"lobby.example/eventlog"
)

// roomLater is when a client is told to come back: somebody has to make room first.
const roomLater = 5 * time.Second

// room knows whether there was any for what was to be written last. An operator is
// told when that changes, not at each of many refusals.
type room struct {
	what   string
	logger *slog.Logger
	none   atomic.Bool
}

// see takes in what became of a write.
func (r *room) see(err error) {
	switch {
	case err == nil && r.none.Load() && r.none.CompareAndSwap(true, false):
		r.logger.Info("there is room again", "for", r.what)
	case lacksRoom(err) && r.none.CompareAndSwap(false, true):
		r.logger.Error("there is no room: what would write is refused", "for", r.what, "error", err)
	}
}

// lacksRoom reports whether it is room that a write failed for: in the log, in a
// file of SQLite, or on the disk that takes uploaded files.
func lacksRoom(err error) bool {
	return errors.Is(err, eventlog.ErrFull) || errors.Is(err, syscall.ENOSPC) || isFull(err)
}

func isFull(err error) bool {
	code := (*sqlite.Error)(nil)
	return errors.As(err, &code) && code.Code()&0xff == sqlite3.SQLITE_FULL
}

// Lacking reports what there was no room for when it was last to be written. Until
// there is, commands that write it are refused, and everything else goes on.
func (s *Service) Lacking() (events, files bool) {
	return s.events.none.Load(), s.fileBytes.none.Load()
}

// watched has a room see what becomes of appends.
type watched struct {
	eventlog.Log
	room *room
}

func (w watched) Append(ctx context.Context, stream string, expected eventlog.Revision, events []eventlog.Event) (eventlog.Appended, error) {
	appended, err := w.Log.Append(ctx, stream, expected, events)
	w.room.see(err)
	return appended, err
}

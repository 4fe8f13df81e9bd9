package commands

import (
	"context"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/eventlog"
)

const (
	// window is how long an idempotency key is remembered.
	window = 24 * time.Hour
	// maxRecent bounds the commands of one stream held in memory; the snapshots
	// have the older ones.
	maxRecent = 1_000
)

// recent remembers the commands of the last day that may be sent again.
type recent struct {
	byID    map[uuid.UUID]*outcome
	order   []uuid.UUID // oldest first
	partial bool        // there may be more in the snapshots
	unsaved []*outcome  // not yet handed to the snapshots
}

// Remembered is a command as the snapshots keep it: where the log has the rest.
type Remembered struct {
	Command  uuid.UUID
	Revision eventlog.Revision // of its last event
	Events   int
	At       time.Time
}

func (r *recent) remember(o *outcome) {
	if r.byID == nil {
		r.byID = make(map[uuid.UUID]*outcome)
	}
	if _, known := r.byID[o.command]; !known {
		r.order = append(r.order, o.command)
		r.unsaved = append(r.unsaved, o)
	}
	r.byID[o.command] = o
	for len(r.order) > 0 && o.at.Sub(r.byID[r.order[0]].at) > window {
		if len(r.unsaved) > 0 && r.unsaved[0].command == r.order[0] {
			r.unsaved = r.unsaved[1:]
		}
		r.dropOldest()
	}
}

func (r *recent) dropOldest() {
	delete(r.byID, r.order[0])
	r.order = r.order[1:]
}

// replay takes up a command from an event in the log. Several events of one
// command count as one; the last of them is where it left the stream.
func (r *recent) replay(m domain.Metadata, recorded eventlog.Recorded) {
	if m.Content == "" {
		return // it came without a key
	}
	o, known := r.byID[m.Command]
	if !known {
		o = &outcome{command: m.Command, content: m.Content, at: m.OccurredAt.Time}
		r.remember(o)
	}
	o.revision, o.position = recorded.Revision, recorded.Position
	o.events++
}

// shrink lets go of what the snapshots really have.
func (r *recent) shrink() {
	for len(r.order) > maxRecent && r.byID[r.order[0]].kept.Load() {
		r.dropOldest()
		r.partial = true
	}
}

// recall finds what an earlier request under the same key left behind.
func (s *Streams[S]) recall(ctx context.Context, st *stream[S], request Request) (*outcome, error) {
	ids := append(append(make([]uuid.UUID, 0, 3), request.Earlier...), request.Command)
	for _, id := range ids {
		if o := st.recent.byID[id]; o != nil && request.At.Sub(o.at) <= window {
			return o, nil
		}
	}
	if !st.recent.partial {
		return nil, nil
	}
	saved, err := s.snapshots.Commands(ctx, st.name, ids)
	if err != nil {
		// The snapshots cannot tell, so the whole stream has to.
		s.logger.Warn("recent commands not found in the snapshots", "stream", st.name, "error", err)
		st.loaded, st.mistrusts = loaded[S]{}, true
		return nil, errAgain
	}
	for _, r := range saved {
		if o, err := s.confirm(ctx, st.name, r); err != nil || o != nil && request.At.Sub(o.at) <= window {
			return o, err
		}
	}
	return nil, nil
}

// remembered is what the snapshots keep of an outcome.
func (o *outcome) remembered() Remembered {
	return Remembered{Command: o.command, Revision: o.revision, Events: o.events, At: o.at}
}

// confirm asks the log whether a command's last event is where the snapshots
// have it: the log may have been restored to an older copy since.
func (s *Streams[S]) confirm(ctx context.Context, name string, saved Remembered) (*outcome, error) {
	for r, err := range s.log.ReadStream(ctx, name, saved.Revision, eventlog.Forward, 1) {
		if err != nil {
			return nil, err
		}
		_, metadata, err := s.read(r)
		if err != nil {
			return nil, err
		}
		if metadata.Command == saved.Command {
			return &outcome{command: saved.Command, content: metadata.Content, revision: r.Revision, position: r.Position, events: saved.Events, at: metadata.OccurredAt.Time}, nil
		}
	}
	return nil, nil
}

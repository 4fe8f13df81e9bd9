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

// Remembered is a command's outcome as the snapshots keep it.
type Remembered struct {
	Command  uuid.UUID
	Content  string
	Revision eventlog.Revision
	Position string
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
		delete(r.byID, r.order[0])
		r.order = r.order[1:]
	}
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
		delete(r.byID, r.order[0])
		r.order = r.order[1:]
		r.partial = true
	}
}

// recall finds what an earlier request under the same key left behind.
func (s *Streams[S]) recall(ctx context.Context, st *stream[S], request Request) (*outcome, error) {
	for _, id := range append(request.Earlier, request.Command) {
		o, ok := st.recent.byID[id]
		if !ok && st.recent.partial {
			var err error
			if o, err = s.recallSaved(ctx, st.name, id); err != nil {
				return nil, err
			}
		}
		if o != nil && request.At.Sub(o.at) <= window {
			return o, nil
		}
	}
	return nil, nil
}

// remembered is what the snapshots keep of an outcome.
func (o *outcome) remembered() Remembered {
	return Remembered{Command: o.command, Content: o.content, Revision: o.revision, Position: o.position.String(), Events: o.events, At: o.at}
}

func (s *Streams[S]) recallSaved(ctx context.Context, name string, id uuid.UUID) (*outcome, error) {
	saved, ok, err := s.snapshots.Command(ctx, name, id)
	if err != nil || !ok {
		return nil, err
	}
	position, err := eventlog.ParsePosition(saved.Position)
	if err != nil {
		return nil, err
	}
	return &outcome{command: id, content: saved.Content, revision: saved.Revision, position: position, events: saved.Events, at: saved.At}, nil
}

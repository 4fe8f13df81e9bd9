package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/eventlog"
)

// loaded is what is known of a stream in memory: its fold, up to where, and the
// commands of the last day. The zero value knows nothing.
type loaded[S any] struct {
	ready    bool
	state    S
	revision eventlog.Revision
	position eventlog.Position
	event    uuid.UUID // at the revision
	recent   recent

	saved     eventlog.Revision // of the last snapshot, or of the last one that was not taken
	savedSize int               // its bytes
}

// load folds the stream: from its snapshot, where there is a right one, and the
// events after it.
func (s *Streams[S]) load(ctx context.Context, st *stream[S]) error {
	st.loaded = loaded[S]{ready: true, revision: eventlog.NoStream, saved: eventlog.NoStream}
	if s.snapshots != nil && !st.mistrusts {
		if err := s.loadSnapshot(ctx, st); err != nil {
			s.logger.Warn("snapshot not used", "stream", st.name, "error", err)
			st.loaded = loaded[S]{ready: true, revision: eventlog.NoStream, saved: eventlog.NoStream}
		}
	}
	_, err := s.catchUp(ctx, st)
	return err
}

var errOtherLog = errors.New("commands: the snapshot is not of this log")

// loadSnapshot takes a snapshot only if the log has the same event where the
// snapshot was taken: the log may have been restored to an older copy since.
func (s *Streams[S]) loadSnapshot(ctx context.Context, st *stream[S]) error {
	snapshot, ok, err := s.snapshots.Load(ctx, st.name, s.noun.Version)
	if err != nil || !ok {
		return err
	}
	for r, err := range s.log.ReadStream(ctx, st.name, snapshot.Revision, eventlog.Forward, 1) {
		if err != nil {
			return err
		}
		if r.ID != snapshot.Event || r.Position.String() != snapshot.Position {
			return errOtherLog
		}
		if err := json.Unmarshal(snapshot.State, &st.state); err != nil {
			return err
		}
		st.revision, st.position, st.event = r.Revision, r.Position, r.ID
		st.saved, st.savedSize = r.Revision, len(snapshot.State)
		st.recent.partial = true
		return nil
	}
	return errOtherLog
}

// catchUp folds what came after the state and tells how many events that were.
func (s *Streams[S]) catchUp(ctx context.Context, st *stream[S]) (int, error) {
	n := 0
	for r, err := range s.log.ReadStream(ctx, st.name, st.revision+1, eventlog.Forward, 0) {
		if err != nil {
			return n, err
		}
		event, metadata, err := s.read(r)
		if err != nil {
			return n, err
		}
		if r.Revision != st.revision+1 {
			return n, fmt.Errorf("commands: %s has revision %d after %d", st.name, r.Revision, st.revision)
		}
		st.state = event.Evolve(st.state)
		st.revision, st.position, st.event = r.Revision, r.Position, r.ID
		st.recent.replay(metadata, r)
		n++
	}
	return n, nil
}

// checkTail returns errAgain when the stream had events that the state did
// not; they are in it afterwards.
func (s *Streams[S]) checkTail(ctx context.Context, st *stream[S]) error {
	n, err := s.catchUp(ctx, st)
	if err != nil {
		st.loaded = loaded[S]{}
		return err
	}
	if n > 0 {
		return errAgain
	}
	return nil
}

// read decodes a stored event and its metadata.
func (s *Streams[S]) read(r eventlog.Recorded) (domain.Event[S], domain.Metadata, error) {
	var metadata domain.Metadata
	event, err := s.noun.Facts.Decode(r.Kind, r.Data)
	if err == nil {
		err = json.Unmarshal(r.Metadata, &metadata)
	}
	if err != nil {
		return nil, metadata, fmt.Errorf("commands: %s at revision %d: %w", r.Stream, r.Revision, err)
	}
	return event, metadata, nil
}

func encodeMetadata(r Request) ([]byte, error) {
	return json.Marshal(domain.Metadata{
		Command:     r.Command,
		Actor:       r.Actor,
		Correlation: r.Command,
		Causation:   r.Command,
		OccurredAt:  domain.MomentOf(r.At),
		Content:     r.Content,
		Schema:      domain.MetadataSchema,
	})
}

// snapshotEvery is how many events make a new snapshot worth its writing. A large
// state is written more rarely, so that a snapshot never costs more than about a
// kilobyte an event.
func snapshotEvery(size int) eventlog.Revision { return 128 + eventlog.Revision(size/1024) }

// keep hands a snapshot over when enough has happened since the last one.
func (s *Streams[S]) keep(st *stream[S]) {
	if s.snapshots == nil || st.mistrusts {
		st.recent.unsaved = nil
		return
	}
	if st.revision-st.saved < snapshotEvery(st.savedSize) {
		return
	}
	state, err := json.Marshal(st.state)
	if err != nil {
		s.logger.Error("snapshot not taken", "stream", st.name, "error", err)
		return
	}
	snapshot := Snapshot{Stream: st.name, Version: s.noun.Version, Revision: st.revision, Position: st.position.String(), Event: st.event, State: state}
	unsaved := st.recent.unsaved
	commands := make([]Remembered, len(unsaved))
	for i, o := range unsaved {
		commands[i] = o.remembered()
	}
	kept := func() {
		for _, o := range unsaved {
			o.kept.Store(true)
		}
	}
	// Where it was not taken, it is offered again only after as many events:
	// otherwise every command would pay for it.
	st.saved, st.savedSize = st.revision, len(state)
	if s.snapshots.Save(snapshot, commands, kept) {
		st.recent.unsaved = nil
		st.recent.shrink()
	}
}

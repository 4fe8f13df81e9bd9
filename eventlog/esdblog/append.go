package esdblog

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// Append implements eventlog.Log. An event alone takes one round trip; several at
// once take a second one, to learn the positions of all of them.
func (l *Log) Append(ctx context.Context, stream string, expected eventlog.Revision, events []eventlog.Event) (eventlog.Appended, error) {
	if err := l.checkAppend(stream, expected, events); err != nil {
		return eventlog.Appended{}, err
	}
	name, data := l.options.Prefix+stream, proposed(events)
	options := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}, Deadline: &l.options.Deadline}
	if expected != eventlog.NoStream {
		options.ExpectedRevision = esdb.Revision(uint64(expected))
	}
	// Everything here is the same in every attempt: the server finds events that an
	// earlier attempt wrote by their ids, since the stream is past expected then.
	result, err := persist(ctx, l, "append to "+stream, func(ctx context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
		return c.AppendToStream(ctx, name, options, data...)
	})
	if hasCode(err, esdb.ErrorCodeWrongExpectedVersion) {
		return eventlog.Appended{}, l.conflict(ctx, stream, expected)
	}
	if err != nil {
		return eventlog.Appended{}, err
	}
	appended := eventlog.Appended{Revision: expected + eventlog.Revision(len(events))}
	if len(events) == 1 && result.CommitPosition > 0 && result.NextExpectedVersion == uint64(appended.Revision) {
		appended.Positions = []eventlog.Position{l.identity().At(result.CommitPosition, result.PreparePosition)}
	} else if appended.Positions, err = l.positions(ctx, stream, expected+1, events); err != nil {
		return eventlog.Appended{}, err
	}
	if l.filter.sees(stream) {
		l.horizon.acknowledged(appended.Positions[len(events)-1])
	}
	return appended, nil
}

// checkAppend refuses what the server would, before anything is sent: the server
// ends an append that is too large in the middle, and its reason is lost.
func (l *Log) checkAppend(stream string, expected eventlog.Revision, events []eventlog.Event) error {
	if err := eventlog.CheckAppend(stream, expected, events); err != nil {
		return err
	}
	if stream == identityStream || !utf8.ValidString(stream) {
		return fmt.Errorf("%w: stream name %q", eventlog.ErrInvalid, stream)
	}
	size := 0
	for i, e := range events {
		if !utf8.ValidString(e.Kind) {
			return fmt.Errorf("%w: event %d has kind %q", eventlog.ErrInvalid, i, e.Kind)
		}
		size += len(e.Data) + len(e.Metadata) + 2*len(e.Kind)
	}
	if size > l.options.MaxAppendBytes {
		return fmt.Errorf("%w: %d bytes in one append, the server takes %d", eventlog.ErrTooLarge, size, l.options.MaxAppendBytes)
	}
	return nil
}

// proposed copies the events: the caller may be gone before they are sent.
func proposed(events []eventlog.Event) []esdb.EventData {
	data := make([]esdb.EventData, len(events))
	for i, e := range events {
		data[i] = esdb.EventData{
			EventID:     e.ID,
			EventType:   e.Kind,
			ContentType: esdb.ContentTypeJson,
			Data:        append([]byte(nil), e.Data...),
			Metadata:    append([]byte(nil), e.Metadata...),
		}
	}
	return data
}

// conflict tells where the stream is, which the client has only as text, from the
// stream's last event.
func (l *Log) conflict(ctx context.Context, stream string, expected eventlog.Revision) error {
	conflict := &eventlog.ConflictError{Stream: stream, Expected: expected, Current: eventlog.NoStream}
	for e, err := range l.ReadStream(ctx, stream, eventlog.End, eventlog.Backward, 1) {
		if err != nil {
			return err
		}
		conflict.Current = e.Revision
	}
	return conflict
}

// errMoved is not a conflict: the events were written, but not where they should be.
var errMoved = errors.New("esdblog: the stream was deleted or truncated by somebody, and its revisions are not what Lobby needs")

// positions reads back where the events of an append are.
func (l *Log) positions(ctx context.Context, stream string, first eventlog.Revision, events []eventlog.Event) ([]eventlog.Position, error) {
	positions := make([]eventlog.Position, 0, len(events))
	for e, err := range l.ReadStream(ctx, stream, first, eventlog.Forward, len(events)) {
		if err != nil {
			return nil, err
		}
		if i := len(positions); e.ID != events[i].ID || e.Revision != first+eventlog.Revision(i) {
			return nil, fmt.Errorf("%w: %s", errMoved, stream)
		}
		positions = append(positions, e.Position)
	}
	if len(positions) != len(events) {
		return nil, fmt.Errorf("%w: %s", errMoved, stream)
	}
	return positions, nil
}

package logsubscriber

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// The metadata of a message, beside the correlation id where Watermill's
// middleware looks for it. The message's UUID is the event's id and its payload
// the event's data.
const (
	StreamKey        = "stream"
	RevisionKey      = "revision"
	PositionKey      = "position"
	KindKey          = "kind"
	TimeKey          = "time"           // when the log took the event, RFC 3339
	EventMetadataKey = "event_metadata" // the event's own metadata as it is stored
)

// newMessage copies the event, so that a handler which changes its message does
// not change what comes again after a Nack.
func newMessage(r *eventlog.Recorded) *message.Message {
	m := message.NewMessage(r.ID.String(), slices.Clone(r.Data))
	m.Metadata = make(message.Metadata, 8)
	m.Metadata[StreamKey] = r.Stream
	m.Metadata[RevisionKey] = strconv.FormatInt(int64(r.Revision), 10)
	m.Metadata[PositionKey] = r.Position.String()
	m.Metadata[KindKey] = r.Kind
	m.Metadata[TimeKey] = r.Time.Format(time.RFC3339Nano)
	m.Metadata[EventMetadataKey] = string(r.Metadata)
	if id := correlation(r.Metadata); id != "" {
		middleware.SetCorrelationID(id, m)
	}
	return m
}

// correlation is what EventStoreDB's convention calls the root of it all. Metadata
// of other writers may be no JSON, or hold something else there: then there is none.
func correlation(metadata []byte) string {
	var m struct {
		Correlation string `json:"$correlationId"`
	}
	if len(metadata) == 0 || json.Unmarshal(metadata, &m) != nil {
		return ""
	}
	return m.Correlation
}

// Recorded reads the event back from a message of a Subscriber.
func Recorded(m *message.Message) (eventlog.Recorded, error) {
	id, err1 := uuid.Parse(m.UUID)
	revision, err2 := strconv.ParseInt(m.Metadata.Get(RevisionKey), 10, 64)
	position, err3 := eventlog.ParsePosition(m.Metadata.Get(PositionKey))
	at, err4 := time.Parse(time.RFC3339Nano, m.Metadata.Get(TimeKey))
	var err5 error
	if m.Metadata.Get(StreamKey) == "" || m.Metadata.Get(KindKey) == "" {
		err5 = errors.New("no stream or no kind")
	}
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return eventlog.Recorded{}, fmt.Errorf("logsubscriber: message %q is no event: %w", m.UUID, err)
	}
	var metadata []byte
	if text := m.Metadata.Get(EventMetadataKey); text != "" {
		metadata = []byte(text)
	}
	return eventlog.Recorded{
		Event:    eventlog.Event{ID: id, Kind: m.Metadata.Get(KindKey), Data: m.Payload, Metadata: metadata},
		Stream:   m.Metadata.Get(StreamKey),
		Revision: eventlog.Revision(revision),
		Position: position,
		Time:     at,
	}, nil
}

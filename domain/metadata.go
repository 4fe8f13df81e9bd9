package domain

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Metadata stands beside every stored event: who caused it, by which command and
// when. Like events, its fields never change their meaning.
type Metadata struct {
	Command     uuid.UUID `json:"command"`        // the command that wrote the event
	Actor       uuid.UUID `json:"actor"`          // who sent it
	Correlation uuid.UUID `json:"$correlationId"` // the command at the root of it all
	Causation   uuid.UUID `json:"$causationId"`   // what directly led to it
	OccurredAt  Moment    `json:"occurred_at"`    // when the edge took the command
	Content     string    `json:"content"`        // hash of what was asked, to tell a retry from another request
	Schema      int       `json:"schema"`         // version of this metadata
}

// MetadataSchema is the version of Metadata written today.
const MetadataSchema = 1

// Moment is a time as it is stored everywhere: RFC 3339, UTC, microseconds.
type Moment struct{ time.Time }

const momentLayout = "2006-01-02T15:04:05.000000Z"

// MomentOf cuts a time to what is stored.
func MomentOf(t time.Time) Moment { return Moment{t.UTC().Truncate(time.Microsecond)} }

// MarshalText writes 2026-11-22T09:30:00.000000Z.
func (m Moment) MarshalText() ([]byte, error) {
	return m.UTC().AppendFormat(make([]byte, 0, len(momentLayout)), momentLayout), nil
}

// MarshalJSON writes the same in quotes, instead of what time.Time would.
func (m Moment) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, len(momentLayout)+2), '"')
	b = m.UTC().AppendFormat(b, momentLayout)
	return append(b, '"'), nil
}

// OccurredAt reads from stored metadata only when the event occurred, which is all
// that a projection asks of it: a replay does so a million times.
func OccurredAt(metadata []byte) (time.Time, error) {
	if _, rest, ok := bytes.Cut(metadata, []byte(`"occurred_at":"`)); ok && len(rest) > len(momentLayout) {
		if at, err := time.Parse(momentLayout, string(rest[:len(momentLayout)])); err == nil {
			return at, nil
		}
	}
	var m struct {
		OccurredAt Moment `json:"occurred_at"`
	}
	err := json.Unmarshal(metadata, &m)
	return m.OccurredAt.Time, err
}

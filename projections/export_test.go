package projections

import (
	"testing"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// Project digests events and writes nothing; it counts the operations.
func Project(events []eventlog.Recorded) (int, error) {
	var c changes
	_, err := project(events, &c)
	return len(c.operations), err
}

// WithProjection adds one to the messenger model for the rest of a test.
func WithProjection(t testing.TB, project func(event any)) {
	before := messenger
	messenger = append(messenger[:len(before):len(before)], func(f fact, _ *changes) { project(f.event) })
	t.Cleanup(func() { messenger = before })
}

// Operations is what one event does to the tables.
func Operations(stream string, revision int64, at time.Time, event any) []readmodel.Operation {
	var c changes
	for _, projection := range messenger {
		projection(fact{stream, revision, at, event}, &c)
	}
	return c.operations
}

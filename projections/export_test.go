package projections

import (
	"testing"

	"lobby.example/eventlog"
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

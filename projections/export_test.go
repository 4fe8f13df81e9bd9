package projections

import (
	"context"
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

// StartVersion is Start as a program with another version of the model would.
func StartVersion(ctx context.Context, version int, log eventlog.Log, engine readmodel.Engine, options Options) (*Runner, error) {
	model := Messenger
	model.Version = version
	return start(ctx, model, log, engine, options)
}

// TidyEvery changes how often that is, for the rest of a test.
func TidyEvery(t testing.TB, every time.Duration) {
	before := tidyEvery
	tidyEvery = every
	t.Cleanup(func() { tidyEvery = before })
}

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

// WithTable adds one to the messenger model, and what is done to it, for the rest
// of a test.
func WithTable(t testing.TB, table *readmodel.Table, project func(event any) []readmodel.Operation) {
	before, tables := messenger, Messenger.Tables
	messenger = append(messenger[:len(before):len(before)], func(f fact, c *changes) {
		for _, o := range project(f.event) {
			c.add(o)
		}
	})
	Messenger.Tables = append(tables[:len(tables):len(tables)], table)
	t.Cleanup(func() { messenger, Messenger.Tables = before, tables })
}

// WithJitter has the pauses after failures drawn by somebody else for the rest of a test.
func WithJitter(t testing.TB, draw func(time.Duration) time.Duration) {
	before := jitter
	jitter = draw
	t.Cleanup(func() { jitter = before })
}

// Digest is what one recorded event does to the tables.
func Digest(r eventlog.Recorded) ([]readmodel.Operation, error) {
	var c changes
	err := digest(r, &c)
	return c.operations, err
}

// Tidy looks now, as an owner does now and then.
func Tidy(ctx context.Context, r *Runner) { r.tidy(ctx, false) }

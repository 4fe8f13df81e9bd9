// Package readmodel keeps the tables that queries read, on one of two engines,
// behind one small interface.
//
// It promises that rows and checkpoint move together or not at all, that two
// writers cannot both move them, and that all queries of one View see the same
// moment. It never knows what a row means: a projection says which rows change,
// a query says which rows it wants.
package readmodel

import (
	"context"
	"errors"
)

// Model is a set of tables that one checkpoint belongs to.
type Model struct {
	Name string // a short word: it is part of file and schema names
	// Version names the shape and the meaning of the tables. Raise it with every
	// change of either: a read model is never migrated, it is built anew.
	Version int
	Tables  []*Table
}

// Build is one filling of a model's tables. Version tells the shape, Number
// tells the builds of one version apart; both start at 1.
type Build struct {
	Version int
	Number  int
}

// Checkpoint says up to where the log is in the tables. Both halves are opaque
// here: a position, and the id of the last event that was delivered up to it (empty
// where none was). The zero Checkpoint is the start.
type Checkpoint struct {
	Position string
	Event    string
}

var (
	// ErrMoved refuses rows whose writer did not start from the stored checkpoint:
	// somebody else has written meanwhile.
	ErrMoved = errors.New("readmodel: the checkpoint has moved")
	// ErrFull refuses a write that there is no room for.
	ErrFull = errors.New("readmodel: no room")
	// ErrClosed answers everything asked of a store or engine after it was closed.
	ErrClosed = errors.New("readmodel: closed")
	// ErrRebuilding answers while no build of the program's version serves yet.
	ErrRebuilding = errors.New("readmodel: the read model is being built")
	// ErrStale answers when the serving build is too far behind to be trusted with rights.
	ErrStale = errors.New("readmodel: the read model is too far behind")
	// ErrNoBuild answers for a build that is not there.
	ErrNoBuild = errors.New("readmodel: no such build")
)

// Engine keeps the builds of models and remembers which one serves.
type Engine interface {
	// Builds lists the builds of a model that exist, oldest first.
	Builds(ctx context.Context, model string) ([]Build, error)
	// Serving is the build that queries read, or the zero Build when there is none.
	Serving(ctx context.Context, model string) (Build, error)
	// Serve makes a build the one that queries read, at once and for good.
	Serve(ctx context.Context, model string, build Build) error
	// Create makes the empty tables of a new build of the model's version, numbered
	// above the highest there is. It is meant to be filled fast: its indexes
	// come and its writes become safe with Store.Finish. A build that was never
	// finished is worth nothing after a crash and is dropped by whoever finds it;
	// a failed Apply, too, may end one.
	Create(ctx context.Context, model Model) (Build, Store, error)
	// Open opens a finished build. It fails with ErrNoBuild for one that is not there or was never finished.
	Open(ctx context.Context, model Model, build Build) (Store, error)
	// Drop removes a build for good. Dropping what is not there does nothing.
	Drop(ctx context.Context, model string, build Build) error
	Close() error
}

// Store is one open build.
type Store interface {
	// Checkpoint is the stored checkpoint.
	Checkpoint(ctx context.Context) (Checkpoint, error)
	// Apply runs the operations in order and moves the checkpoint, in one
	// transaction. It fails with ErrMoved, and writes nothing, when the stored
	// checkpoint is not from. Several operations on one row count as written one
	// after the other, but reach the engine as one.
	Apply(ctx context.Context, from, to Checkpoint, operations []Operation) error
	// View gives read a snapshot: all its queries see the rows of one checkpoint,
	// which View returns. Read must not keep the Query.
	View(ctx context.Context, read func(Query) error) (Checkpoint, error)
	// Finish ends the fast filling: from here on Apply is safe and indexes are there.
	Finish(ctx context.Context) error
	Close() error
}

// Query reads rows with one SQL text for both engines: parameters are $1, $2, …
// and nothing is used that only one engine has. Arguments are what columns are
// given: string, integers, bool, time.Time, named types and pointers to them, nil;
// and ID or uuid.UUID where they are compared with columns of type Identifier.
// Pointers to the same scan them; a pointer to a pointer, or one of sql.Null, takes
// null.
type Query interface {
	// Rows runs the query and calls each for every row, with a scan function that
	// takes pointers as database/sql does. An error from each ends it. Each runs no
	// other query: one that tries is refused.
	Rows(ctx context.Context, sql string, each func(scan func(...any) error) error, args ...any) error
	// Row scans the first row into the pointers and reports whether there was one.
	Row(ctx context.Context, sql string, into []any, args ...any) (bool, error)
	// Match is full-text search, in the one place where engines differ: a condition
	// for the SQL, that a row of the table has all of the terms in its search column,
	// and the argument for its parameter. The table's name there is its alias.
	Match(table, alias string, parameter int, terms []Term) (condition string, argument any)
}

package readmodel

import (
	"context"
	"iter"
)

// Shared is an Engine that several processes use at the same time: one of them at
// a time writes a model, and all of them hear of it. No number of a build is given
// twice, so whoever has lost a model without knowing it, and asks for something to be
// done with a build that is gone, is told so.
type Shared interface {
	Engine
	// Own waits until nobody else owns what is named, usually a model, and owns it.
	Own(ctx context.Context, name string) (Ownership, error)
	// TryOwn does not wait: it answers with nil where somebody else owns it.
	TryOwn(ctx context.Context, name string) (Ownership, error)
	// Follow tells of every commit to a finished build of the model, by whatever
	// process, in the order of the commits, and of every change of the build that
	// serves. What it yields first is the build that serves and its checkpoint, so
	// that nothing is missed that was committed before: the zero Commit where none
	// serves. It ends with an error, that of the context included; whoever follows on
	// hears first of all where things stand.
	Follow(ctx context.Context, model string) iter.Seq2[Commit, error]
}

// Ownership is with one process at a time, as far as that can be known: one that
// has lost it may learn that late, and is then refused by the checkpoint, or because
// its build is gone.
type Ownership interface {
	// Lost is closed once it is lost or released.
	Lost() <-chan struct{}
	// Release lets somebody else have it.
	Release()
}

// Commit is what a process hears of a model: that a build of it has got as far as
// the checkpoint, or that it is the one that serves now.
type Commit struct {
	Build      Build
	Checkpoint Checkpoint // zero where a build begins to serve while somebody follows
	Serving    bool       `json:",omitempty"` // Build is the one that serves from here on
}

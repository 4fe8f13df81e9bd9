// Package domain holds the few words that every noun of Lobby is told in: an
// Event is a fact, a Command decides, Fold turns facts into the state that the
// next decision needs, a Refusal says no.
//
// It promises to be pure. Nothing below this folder does I/O, reads a clock or
// makes a random number: who acts, when, and under which new ids comes in with
// the command, so a decision can be repeated from the log by anyone, years later.
package domain

import (
	"iter"
	"time"
)

// Event is a fact about one S. Kind is the stored name and never changes.
// Evolve may change the state it is given and returns it.
type Event[S any] interface {
	Kind() string
	Evolve(S) S
}

// Command asks one S to change. It sees one stream and decides without I/O.
//
// Decide answers with the events that follow, with none and no error when there
// is nothing to do, or with a *Refusal. It never changes the state.
type Command[S any] interface {
	Stream() string
	Decide(S) ([]Event[S], error)
}

// Recalling is a command about something that the state may have let go, since a
// state holds only what the next decisions need. When Forgotten says so, the
// stream is read back once and Recall decides instead of Decide.
type Recalling[S any] interface {
	Command[S]
	Forgotten(S) bool
	// Recall gets the whole stream up to the state, newest event first.
	Recall(S, iter.Seq[Past[S]]) ([]Event[S], error)
}

// Past is an event with its place in the stream and its time.
type Past[S any] struct {
	Event    Event[S]
	Revision int64
	Time     time.Time
}

// Fold applies events to a state, oldest first.
func Fold[S any](state S, events ...Event[S]) S {
	for _, e := range events {
		state = e.Evolve(state)
	}
	return state
}

// Noun describes one kind of stream to the rooms that load and store it.
type Noun[S any] struct {
	// Category opens the names of its streams: connection in connection-4c2e….
	Category string
	// Version names the stored snapshots of S. Raise it with every change of what
	// a fold makes; the noun's golden fold fails until you do.
	Version int
	// Facts is everything that can be in such a stream.
	Facts Facts[S]
}

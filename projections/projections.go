// Package projections turns the log into the tables that queries read: a file
// for each table or two that belong together, with their cases, and the runner
// that keeps them all as one model.
//
// It promises that a projection is pure: an event in, row operations out. It
// reads nothing, has no clock and makes no ids, so a replay gives equal rows. It
// promises that each event counts exactly once, since rows and checkpoint commit
// together. Where several processes share an engine, one of them at a time
// projects, each of them shows what is there, and none stops for good because
// another one or the database did. And it never sends anything to anyone.
package projections

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// Messenger is the read model of everything that people see of their messages.
// It has one checkpoint, so inbox, channel and bubble can never disagree.
var Messenger = readmodel.Model{
	Name:    "messenger",
	Version: 4,
	Tables:  []*readmodel.Table{people, peopleWords, contacts, channels, inbox, messages, seen, unread, leases, requests, posts, postProperties, attachments, webhooks},
}

// messenger is what an event does to the tables, file by file.
var messenger = []func(fact, *changes){
	projectPeople,
	projectContacts,
	projectChannels,
	projectInbox,
	projectMessages,
	projectUnread,
	projectLeases,
	projectRequests,
	projectPosts,
	projectAttachments,
	projectWebhooks,
}

// fact is an event with what stood beside it.
type fact struct {
	stream   string
	revision int64
	at       time.Time
	event    any
}

// changes is what comes out of projecting facts.
type changes struct {
	operations []readmodel.Operation
	touched    map[string]struct{}
	all        bool // anybody's view may look different now
}

func (c *changes) add(o readmodel.Operation) { c.operations = append(c.operations, o) }

// touch names what may look different now: a person by their id, a channel by
// its name, and all webhooks as one.
func (c *changes) touch(tag string) {
	if c.touched == nil {
		c.touched = make(map[string]struct{})
	}
	c.touched[tag] = struct{}{}
}

// UndigestedError stops a model: an event that its projections cannot digest.
type UndigestedError struct {
	Stream   string
	Revision eventlog.Revision
	Position eventlog.Position
	Kind     string
	Cause    error
}

func (e *UndigestedError) Error() string {
	return fmt.Sprintf("projections: cannot digest %s, revision %d of %s, at position %s: %v", e.Kind, e.Revision, e.Stream, e.Position, e.Cause)
}

func (e *UndigestedError) Unwrap() error { return e.Cause }

// project adds what the events do, up to the first that cannot be digested, and
// counts them.
func project(events []eventlog.Recorded, c *changes) (int, error) {
	for i, r := range events {
		before := len(c.operations)
		if err := digest(r, c); err != nil {
			c.operations = c.operations[:before]
			return i, &UndigestedError{Stream: r.Stream, Revision: r.Revision, Position: r.Position, Kind: r.Kind, Cause: err}
		}
	}
	return len(events), nil
}

// digest adds what one event does. A panic in a projection is an event that it
// cannot digest, like any other.
func digest(r eventlog.Recorded, c *changes) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	event, err := catalogue.Decode(r.Stream, r.Kind, r.Data)
	if err != nil {
		return err
	}
	at, err := domain.OccurredAt(r.Metadata)
	if err != nil {
		return fmt.Errorf("its metadata: %w", err)
	}
	// The tables take no other name; here it is known which event has it.
	if _, _, err := domain.ParseStream("stream", r.Stream); err != nil {
		return err
	}
	f := fact{stream: r.Stream, revision: int64(r.Revision), at: at, event: event}
	for _, projection := range messenger {
		projection(f, c)
	}
	return nil
}

// id is how people are named in what was touched.
func id(u uuid.UUID) string { return u.String() }

// BoardOf names the channel of a landlord's board. It is no stream: it stands for
// all posts of the landlord.
func BoardOf(landlord uuid.UUID) string { return domain.StreamOf("board", landlord) }

package esdblog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// errReplaced refuses a server that is another one than before.
var errReplaced = fmt.Errorf("the event store holds another log than before (was it replaced, or restored from before Lobby's first start?): %w", eventlog.ErrForeign)

// A log is told from others by one event in a stream of its own, written once at
// the expected revision "no stream" by whoever opens it first. The identity is
// that event's id together with its place: a backup of the same server keeps both,
// so that its positions go on being valid; a copy made event by event into another
// cluster has the id but other places, and is another log, as its positions are.
type birth struct {
	identity atomic.Uint64
	first    esdb.AllPosition // nothing of ours is at or before it
}

// born is the data of the identity's event.
type born struct {
	// Earlier says that there may be events of the log before this one, as after a
	// copy from elsewhere. Otherwise no read goes back further.
	Earlier bool `json:"earlier"`
}

func (l *Log) identity() eventlog.Identity { return eventlog.Identity(l.birth.identity.Load()) }

// at is the position of an event of the server.
func (l *Log) at(p esdb.Position) eventlog.Position { return l.identity().At(p.Commit, p.Prepare) }

// start is where a subscription begins to find everything after a position.
func (l *Log) start(after eventlog.Position) esdb.AllPosition {
	if after.IsZero() {
		return l.birth.first
	}
	return whole(after)
}

// whole gives the server's position back with both of its halves.
func whole(p eventlog.Position) esdb.Position {
	return esdb.Position{Commit: p.Commit(), Prepare: p.Prepare()}
}

// identify proves that a new client speaks to this log. The first time it learns
// which log that is, and makes it one where it is none yet. The calls of one client
// come one after the other, and only one client is made at a time.
func (l *Log) identify(ctx context.Context, client *esdb.Client) error {
	e, err := l.identityEvent(ctx, client)
	if err == nil && e == nil && l.identity() == 0 {
		if err = l.giveBirth(ctx, client); err == nil || hasCode(err, esdb.ErrorCodeWrongExpectedVersion) {
			e, err = l.identityEvent(ctx, client)
		}
	}
	if err != nil {
		return err
	}
	if e == nil {
		return errReplaced
	}
	identity := eventlog.NewIdentity(fmt.Sprintf("%s@%d", e.EventID, e.Position.Commit))
	if l.identity() == 0 {
		var data born
		if err := json.Unmarshal(e.Data, &data); err != nil {
			return fmt.Errorf("%w: the stream %s is not the identity of a log: %w", eventlog.ErrInvalid, e.StreamID, err)
		}
		l.birth.first = esdb.Start{}
		if !data.Earlier {
			l.birth.first = e.Position
		}
		l.birth.identity.Store(uint64(identity))
	}
	if l.identity() != identity {
		return errReplaced
	}
	return nil
}

func (l *Log) identityEvent(ctx context.Context, client *esdb.Client) (*esdb.RecordedEvent, error) {
	stream, err := client.ReadStream(ctx, l.options.Prefix+identityStream, esdb.ReadStreamOptions{From: esdb.Start{}}, 1)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	e, err := stream.Recv()
	if errors.Is(err, io.EOF) || hasCode(err, esdb.ErrorCodeResourceNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return e.OriginalEvent(), nil
}

// watch returns when the connection of a client is lost, with the reason. It waits for an event that
// never comes: nothing is written to the identity's stream any more.
func (l *Log) watch(ctx context.Context, client *esdb.Client) error {
	s, err := client.SubscribeToStream(ctx, l.options.Prefix+identityStream, esdb.SubscribeToStreamOptions{From: esdb.End{}})
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		if e := s.Recv(); e.SubscriptionDropped != nil {
			return e.SubscriptionDropped.Error
		}
	}
}

func (l *Log) giveBirth(ctx context.Context, client *esdb.Client) error {
	data, err := json.Marshal(born{Earlier: l.anything(ctx, client)})
	if err != nil {
		return err
	}
	_, err = client.AppendToStream(ctx, l.options.Prefix+identityStream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}},
		esdb.EventData{EventID: uuid.New(), EventType: "log_begun", ContentType: esdb.ContentTypeJson, Data: data})
	return err
}

// anything reports whether there may be events of the log before it has an
// identity: yes, unless the server has looked at everything and says no in time.
func (l *Log) anything(ctx context.Context, client *esdb.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, l.options.Deadline)
	defer cancel()
	s, err := client.SubscribeToAll(ctx, l.subscribe(esdb.Start{}))
	if err != nil {
		return true
	}
	defer s.Close()
	for {
		switch e := s.Recv(); {
		case e.CaughtUp != nil:
			return false
		case e.EventAppeared != nil || e.SubscriptionDropped != nil:
			return true
		}
	}
}

// subscribe asks for what the filter sees, from a position on, which the client
// would otherwise take to be the end.
func (l *Log) subscribe(from esdb.AllPosition) esdb.SubscribeToAllOptions {
	return esdb.SubscribeToAllOptions{From: from, Filter: l.filter.server, MaxSearchWindow: l.options.bounds.window, CheckpointInterval: 1}
}

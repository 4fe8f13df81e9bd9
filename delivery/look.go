package delivery

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"lobby.example/delivery/queue"
	"lobby.example/domain"
	"lobby.example/domain/attachment"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/thread"
	"lobby.example/eventlog"
)

// Right before something is sent the streams are read again. Nothing here asks a
// read model, which may be behind.

// recorded is the event that an item is about.
func (d *Delivery) recorded(ctx context.Context, item queue.Item) (eventlog.Recorded, error) {
	for r, err := range d.Log.ReadStream(ctx, item.Stream, eventlog.Revision(item.Revision), eventlog.Forward, 1) {
		if err != nil {
			return r, err
		}
		if r.ID == item.Event {
			return r, nil
		}
	}
	return eventlog.Recorded{}, fmt.Errorf("event %s is not at revision %d of %s any more", item.Event, item.Revision, item.Stream)
}

// fold is the state of a stream now.
func fold[S any](ctx context.Context, log eventlog.Log, noun domain.Noun[S], stream string) (state S, err error) {
	for r, err := range log.ReadStream(ctx, stream, 0, eventlog.Forward, 0) {
		if err != nil {
			return state, err
		}
		event, err := noun.Facts.Decode(r.Kind, r.Data)
		if err != nil {
			return state, err
		}
		state = event.Evolve(state)
	}
	return state, nil
}

// standing is a message as it stands now.
type standing struct {
	connection.MessageSent
	connected bool // the two still are
	deleted   bool
}

// standing folds the stream from the message on. It could only be written while
// the two were connected, so what came before it need not be read.
func (d *Delivery) standing(ctx context.Context, item queue.Item) (s standing, err error) {
	state, found := connection.State{Status: connection.Connected}, false
	for r, err := range d.Log.ReadStream(ctx, item.Stream, eventlog.Revision(item.Revision), eventlog.Forward, 0) {
		if err != nil {
			return s, err
		}
		event, err := connection.Facts.Decode(r.Kind, r.Data)
		if err != nil {
			return s, err
		}
		switch e := event.(type) {
		case connection.MessageSent:
			if r.ID == item.Event {
				s.MessageSent, found = e, true
			}
		case thread.Deleted:
			s.deleted = s.deleted || e.Deleted() == s.Message
		}
		state = event.Evolve(state)
	}
	if !found {
		return s, fmt.Errorf("event %s is not at revision %d of %s any more", item.Event, item.Revision, item.Stream)
	}
	s.connected = state.Status == connection.Connected
	return s, nil
}

func (d *Delivery) person(ctx context.Context, id uuid.UUID) (person.State, error) {
	return fold(ctx, d.Log, person.Noun, person.Stream(id))
}

func (d *Delivery) file(ctx context.Context, id uuid.UUID) (attachment.State, error) {
	return fold(ctx, d.Log, attachment.Noun, attachment.Stream(id))
}

// correlationOf reads what an event belongs to, where its metadata says so.
func correlationOf(r eventlog.Recorded) string {
	var m struct {
		Correlation string `json:"$correlationId"`
	}
	if json.Unmarshal(r.Metadata, &m) != nil {
		return ""
	}
	return m.Correlation
}

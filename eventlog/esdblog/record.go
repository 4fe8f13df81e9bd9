package esdblog

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// record is the event as Lobby knows it, under the name that the stream has here.
func (l *Log) record(stream string, e *esdb.RecordedEvent) (eventlog.Recorded, error) {
	if e.Position.Commit == math.MaxUint64 || e.Position.Commit == 0 {
		return eventlog.Recorded{}, fmt.Errorf("esdblog: revision %d of %s comes without its position: the server is older than 22.6, or the event was written in an explicit transaction", e.EventNumber, stream)
	}
	return eventlog.Recorded{
		Event:    eventlog.Event{ID: e.EventID, Kind: e.EventType, Data: e.Data, Metadata: e.UserMetadata},
		Stream:   stream,
		Revision: eventlog.Revision(e.EventNumber),
		Position: l.at(e.Position),
		Time:     e.CreatedDate,
	}, nil
}

// page takes events from a read until it ends or there are enough bytes, and tells
// whether it ended: then there is nothing more. take answers false to stop early.
func page(read *esdb.ReadStream, take func(*esdb.RecordedEvent) (more bool, err error)) (ended bool, err error) {
	defer read.Close()
	for bytes := 0; bytes < pageBytes; {
		e, err := read.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, err
		}
		original := e.OriginalEvent()
		bytes += len(original.Data) + len(original.UserMetadata)
		if more, err := take(original); err != nil || !more {
			return false, err
		}
	}
	return false, nil
}

func unlimited(limit int) int {
	if limit == 0 {
		return math.MaxInt
	}
	return limit
}

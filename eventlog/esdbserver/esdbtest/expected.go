package esdbtest

import (
	"context"
	"errors"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// appendAnywhere appends where the stream ends, wherever that is. As on a real
// server, the first event decides whether this is new: if it is in the stream
// already, all others must be, too, and nothing is written. A real server looks
// in a cache of what was committed lately; this one reads the whole stream.
func appendAnywhere(ctx context.Context, log eventlog.Log, stream string, mustExist bool, events []eventlog.Event) (eventlog.Appended, error) {
	for {
		before, current, err := written(ctx, log, stream, events)
		if err != nil || before.Positions != nil {
			return before, err
		}
		if mustExist && current == eventlog.NoStream {
			return eventlog.Appended{}, &eventlog.ConflictError{Stream: stream, Current: current}
		}
		appended, err := log.Append(ctx, stream, current, events)
		var conflict *eventlog.ConflictError
		if !errors.As(err, &conflict) {
			return appended, err
		}
	}
}

// written answers as the append of the events did, if there was one, and with
// the revision of the stream. It fails with a conflict where only the beginning
// of them is there.
func written(ctx context.Context, log eventlog.Log, stream string, events []eventlog.Event) (before eventlog.Appended, current eventlog.Revision, err error) {
	known := map[uuid.UUID]eventlog.Recorded{}
	for _, e := range events {
		known[e.ID] = eventlog.Recorded{}
	}
	current = eventlog.NoStream
	for e, err := range log.ReadStream(ctx, stream, 0, eventlog.Forward, 0) {
		if err != nil {
			return before, current, err
		}
		current = e.Revision
		if _, asked := known[e.ID]; asked {
			known[e.ID] = e
		}
	}
	for i, e := range events {
		there := known[e.ID]
		switch {
		case !there.Position.IsZero():
			before.Revision, before.Positions = there.Revision, append(before.Positions, there.Position)
		case i == 0:
			return before, current, nil
		default:
			return eventlog.Appended{}, current, &eventlog.ConflictError{Stream: stream, Current: current}
		}
	}
	return before, current, nil
}

// wrongVersion says what was expected and what is there, in the fields of today
// and in those of version 20.6, as a real server does.
func wrongVersion(o *streams.AppendReq_Options, current eventlog.Revision) *streams.AppendResp {
	w := &streams.AppendResp_WrongExpectedVersion{}
	switch expected := o.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_Any:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_Any_20_6_0{Any_20_6_0: &shared.Empty{}}
	case *streams.AppendReq_Options_StreamExists:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0{StreamExists_20_6_0: &shared.Empty{}}
	case *streams.AppendReq_Options_NoStream:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: math.MaxUint64}
	case *streams.AppendReq_Options_Revision:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: expected.Revision}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: expected.Revision}
	}
	if current == eventlog.NoStream {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}}
		w.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0{NoStream_20_6_0: &shared.Empty{}}
	} else {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(current)}
		w.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: uint64(current)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: w}}
}

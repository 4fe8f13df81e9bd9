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

// appendAnywhere appends where the stream ends, wherever that is. Events that
// are in the stream already are not written again: all of them there, one after
// the other, is the answer of the first time, and some of them is a conflict. It
// reads the whole stream to know, which is good enough for tests.
func appendAnywhere(ctx context.Context, log eventlog.Log, stream string, mustExist bool, events []eventlog.Event) (eventlog.Appended, error) {
	for {
		before, current, err := written(ctx, log, stream, events)
		if err != nil || before != nil {
			return eventlog.Appended{Revision: current, Positions: before}, err
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

// written looks for the events in the stream. It answers with their positions
// and the revision of the last, or with none and the revision of the stream.
func written(ctx context.Context, log eventlog.Log, stream string, events []eventlog.Event) (at []eventlog.Position, current eventlog.Revision, err error) {
	wanted := map[uuid.UUID]int{}
	for i, e := range events {
		wanted[e.ID] = i
	}
	current = eventlog.NoStream
	var last eventlog.Revision
	known := 0
	for e, err := range log.ReadStream(ctx, stream, 0, eventlog.Forward, 0) {
		if err != nil {
			return nil, current, err
		}
		current = e.Revision
		i, ok := wanted[e.ID]
		if !ok {
			continue
		}
		known++
		if i == len(at) && (i == 0 || last+1 == e.Revision) {
			at, last = append(at, e.Position), e.Revision
		}
	}
	switch {
	case len(at) == len(events) && known > 0:
		return at, last, nil
	case known > 0:
		return nil, current, &eventlog.ConflictError{Stream: stream, Current: current}
	}
	return nil, current, nil
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

package esdbtest

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
)

// MaxAppendBytes bounds data and metadata of one append together, as a real
// server does by default. It turns the append away at the event that is too
// much, while the client is still sending.
const MaxAppendBytes = 1 << 20

// Appender answers Streams.Append over a log, for esdbserver.Options.Append.
func Appender(log eventlog.Log) func(streams.Streams_AppendServer) error {
	return func(stream streams.Streams_AppendServer) error {
		options, events, err := receive(stream)
		if err != nil {
			return err
		}
		answer, err := answer(stream.Context(), log, options, events)
		if err != nil {
			return err
		}
		return stream.SendAndClose(answer)
	}
}

func receive(stream streams.Streams_AppendServer) (*streams.AppendReq_Options, []eventlog.Event, error) {
	first, err := stream.Recv()
	if err != nil {
		return nil, nil, err
	}
	options := first.GetOptions()
	if options == nil {
		return nil, nil, status.Error(codes.InvalidArgument, "An append begins with its options.")
	}
	var events []eventlog.Event
	for size := 0; ; {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return options, events, nil
		}
		if err != nil {
			return nil, nil, err
		}
		e, err := proposed(stream.Context(), request.GetProposedMessage())
		if err != nil {
			return nil, nil, err
		}
		if size += len(e.Data) + len(e.Metadata); size > MaxAppendBytes {
			return nil, nil, exception(stream.Context(), codes.InvalidArgument, "Maximum Append Size of 1048576 Exceeded.",
				"maximum-append-size-exceeded", "maximum-append-size", "1048576")
		}
		events = append(events, e)
	}
}

func proposed(ctx context.Context, m *streams.AppendReq_ProposedMessage) (eventlog.Event, error) {
	for _, required := range []string{"type", "content-type"} {
		if m.GetMetadata()[required] == "" {
			return eventlog.Event{}, exception(ctx, codes.InvalidArgument, "Required Metadata Property '"+required+"' is missing",
				"missing-required-metadata-property", "required-metadata-properties", "type,content-type")
		}
	}
	if m.GetMetadata()["content-type"] != "application/json" {
		return eventlog.Event{}, status.Error(codes.InvalidArgument, "The log keeps JSON only.")
	}
	e := eventlog.Event{Kind: m.GetMetadata()["type"], Data: m.GetData(), Metadata: m.GetCustomMetadata()}
	switch id := m.GetId().GetValue().(type) {
	case *shared.UUID_Structured_:
		binary.BigEndian.PutUint64(e.ID[:8], uint64(id.Structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(e.ID[8:], uint64(id.Structured.GetLeastSignificantBits()))
	case *shared.UUID_String_:
		var err error
		if e.ID, err = uuid.Parse(id.String_); err != nil {
			return e, status.Error(codes.InvalidArgument, "An event id is no UUID.")
		}
	}
	return e, nil
}

func answer(ctx context.Context, log eventlog.Log, o *streams.AppendReq_Options, events []eventlog.Event) (*streams.AppendResp, error) {
	name := string(o.GetStreamIdentifier().GetStreamName())
	if strings.HasPrefix(name, "$$") {
		return nil, status.Error(codes.Unimplemented, "The metadata stream "+name+" is not supported.")
	}
	var appended eventlog.Appended
	var err error
	switch expected := o.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_NoStream:
		appended, err = log.Append(ctx, name, eventlog.NoStream, events)
	case *streams.AppendReq_Options_Revision:
		appended, err = log.Append(ctx, name, eventlog.Revision(expected.Revision), events)
	case *streams.AppendReq_Options_Any:
		appended, err = appendAnywhere(ctx, log, name, false, events)
	case *streams.AppendReq_Options_StreamExists:
		appended, err = appendAnywhere(ctx, log, name, true, events)
	default:
		return nil, status.Error(codes.InvalidArgument, "An append must say which revision it expects.")
	}
	var conflict *eventlog.ConflictError
	switch {
	case errors.As(err, &conflict):
		return wrongVersion(o, conflict.Current), nil
	case errors.Is(err, eventlog.ErrInvalid), errors.Is(err, eventlog.ErrTooLarge):
		return nil, status.Error(codes.InvalidArgument, err.Error())
	case ctx.Err() != nil:
		return nil, status.FromContextError(ctx.Err()).Err()
	case errors.Is(err, eventlog.ErrClosed):
		return nil, status.Error(codes.Unavailable, "Server Is Not Ready")
	case err != nil:
		return nil, status.Error(codes.Unknown, err.Error())
	}
	last := appended.Positions[len(appended.Positions)-1]
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(appended.Revision)},
		PositionOption: &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{
			CommitPosition: last.Commit(), PreparePosition: last.Prepare(),
		}},
	}}}, nil
}

func exception(ctx context.Context, code codes.Code, message, kind string, more ...string) error {
	if err := grpc.SetTrailer(ctx, metadata.Pairs(append([]string{"exception", kind}, more...)...)); err != nil {
		return err
	}
	return status.Error(code, message)
}

package esdbserver

import (
	"context"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
)

// streamsService answers the Streams service; Read is in read.go.
type streamsService struct {
	streams.UnimplementedStreamsServer
	server *Server
}

// Append implements streams.StreamsServer, for tests.
func (s *streamsService) Append(stream streams.Streams_AppendServer) error {
	if s.server.options.Append == nil {
		hearOut(stream)
		return unsupported("Streams.Append")
	}
	return s.server.options.Append(stream)
}

// hearOut takes what a caller has to send, within reason. The Go client tells
// its caller of a refusal only once it is through with sending, and of one that
// comes before it says nothing but EOF.
func hearOut(stream grpc.ServerStream) {
	for range 100 {
		if err := stream.RecvMsg(&shared.Empty{}); err != nil {
			return
		}
	}
}

// Delete implements streams.StreamsServer by refusing it.
func (s *streamsService) Delete(context.Context, *streams.DeleteReq) (*streams.DeleteResp, error) {
	return nil, unsupported("Streams.Delete")
}

// Tombstone implements streams.StreamsServer by refusing it.
func (s *streamsService) Tombstone(context.Context, *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	return nil, unsupported("Streams.Tombstone")
}

// BatchAppend implements streams.StreamsServer by refusing it.
func (s *streamsService) BatchAppend(streams.Streams_BatchAppendServer) error {
	return unsupported("Streams.BatchAppend")
}

// refuseUnknown answers every service that is not there: persistent
// subscriptions, projections, users, operations, monitoring. Each of their calls
// begins with a message from the client, which is taken for the reason that
// hearOut has.
func refuseUnknown(_ any, stream grpc.ServerStream) error {
	if err := stream.RecvMsg(&shared.Empty{}); err != nil {
		return err
	}
	method, _ := grpc.MethodFromServerStream(stream)
	// /event_store.client.projections.Projections/Create is Projections.Create.
	service, name, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	return unsupported(service[strings.LastIndexByte(service, '.')+1:] + "." + name)
}

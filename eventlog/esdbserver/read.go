package esdbserver

import (
	"context"
	"iter"
	"math"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
)

// reading is one call of Streams.Read.
type reading struct {
	*Server
	ctx       context.Context
	stream    streams.Streams_ReadServer
	guard     *guard
	received  *streams.ReadReq_Options
	direction eventlog.Direction
	limit     uint64  // events that may still be sent
	filter    *filter // nil when all are asked for
	textIDs   bool    // event ids as text, which the Node client wants
}

// Read implements streams.StreamsServer: it serves reads and subscriptions alike.
func (s *streamsService) Read(request *streams.ReadReq, stream streams.Streams_ReadServer) error {
	select {
	case s.server.reads <- struct{}{}:
		defer func() { <-s.server.reads }()
	default:
		return status.Error(codes.ResourceExhausted, "Server Is Too Busy: too many reads and subscriptions are under way.")
	}
	r, err := s.server.newReading(request.GetOptions(), stream)
	if err != nil {
		return err
	}
	if err := r.serve(); err != nil {
		return s.server.failed(r.ctx, "a read", err)
	}
	return nil
}

func (s *Server) newReading(o *streams.ReadReq_Options, stream streams.Streams_ReadServer) (*reading, error) {
	r := &reading{Server: s, ctx: stream.Context(), stream: stream, guard: s.newGuard(), received: o, limit: o.GetCount()}
	if o.GetUuidOption() == nil {
		return nil, invalid("'uuidOption' is required.")
	}
	_, r.textIDs = o.GetUuidOption().GetContent().(*streams.ReadReq_Options_UUIDOption_String_)
	if o.GetReadDirection() == streams.ReadReq_Options_Backwards {
		r.direction = eventlog.Backward
	}
	filtered, ok := o.GetFilterOption().(*streams.ReadReq_Options_Filter)
	if !ok {
		return r, nil
	}
	var err error
	r.filter, err = newFilter(filtered.Filter)
	return r, err
}

func (r *reading) serve() error {
	_, subscribe := r.received.GetCountOption().(*streams.ReadReq_Options_Subscription)
	_, count := r.received.GetCountOption().(*streams.ReadReq_Options_Count)
	switch of := r.received.GetStreamOption().(type) {
	case *streams.ReadReq_Options_Stream:
		name := string(of.Stream.GetStreamIdentifier().GetStreamName())
		switch {
		case strings.HasPrefix(name, "$$"):
			return unsupported("The metadata stream " + name)
		case r.filter == nil && count:
			return r.readStream(name, of.Stream)
		case r.filter == nil && subscribe && r.direction == eventlog.Forward:
			return r.subscribeToStream(name, of.Stream)
		}
	case *streams.ReadReq_Options_All:
		switch {
		case count:
			return r.readAll(of.All)
		case subscribe && r.direction == eventlog.Forward:
			return r.subscribeToAll(of.All)
		}
	}
	return invalid("The combination of options is invalid.")
}

// send hands a frame to the client. It waits while the client is not ready.
func (r *reading) send(frame *streams.ReadResp) error {
	if err := r.guard.check(r.ctx); err != nil {
		return err
	}
	return r.stream.Send(frame)
}

func (r *reading) sendEvent(e *eventlog.Recorded) error { return r.send(eventFrame(e, r.textIDs)) }

// bounded is how many events to ask the log for: at most n, where 0 means all.
func bounded(n uint64) int {
	if n > math.MaxInt32 {
		return 0
	}
	return int(n)
}

// sendAll sends what a read of the log yields and the client asked to see, as
// far as the client's limit.
func (r *reading) sendAll(events iter.Seq2[eventlog.Recorded, error]) error {
	if r.limit == 0 {
		return nil
	}
	for e, err := range events {
		if err != nil {
			return err
		}
		if !r.filter.passes(&e) {
			continue
		}
		if err := r.sendEvent(&e); err != nil {
			return err
		}
		if r.limit--; r.limit == 0 {
			break
		}
	}
	return nil
}

// readStream: both directions include the event at the revision.
func (r *reading) readStream(name string, o *streams.ReadReq_Options_StreamOptions) error {
	from := eventlog.Revision(0)
	switch at := o.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Start:
	case *streams.ReadReq_Options_StreamOptions_End:
		from = eventlog.End
	case *streams.ReadReq_Options_StreamOptions_Revision:
		from = eventlog.Revision(min(at.Revision, math.MaxInt64))
	default:
		return invalid("A read must say where it starts.")
	}
	// Whether there is such a stream matters only when there was nothing to send;
	// and if there is one now, it may have come after the first look.
	for range 2 {
		limit := r.limit
		if err := r.sendAll(r.log.ReadStream(r.ctx, name, from, r.direction, bounded(r.limit))); err != nil || r.limit < limit {
			return err
		}
		last, err := r.lastOf(name)
		if err != nil {
			return err
		}
		if last == eventlog.NoStream {
			return r.send(notFoundFrame(name))
		}
	}
	return nil
}

// tails is a log that knows the last revision of a stream without reading an event.
// Whoever looks whether a stream has gone on has it asked for each time.
type tails interface {
	LastRevision(ctx context.Context, stream string) (eventlog.Revision, error)
}

// lastOf is the revision of a stream's newest event, or NoStream.
func (r *reading) lastOf(name string) (eventlog.Revision, error) {
	if log, ok := r.log.(tails); ok {
		return log.LastRevision(r.ctx, name)
	}
	last := eventlog.NoStream
	for e, err := range r.log.ReadStream(r.ctx, name, eventlog.End, eventlog.Backward, 1) {
		if err != nil {
			return last, err
		}
		last = e.Revision
	}
	return last, nil
}

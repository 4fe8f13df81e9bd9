package esdbserver

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
)

// exception is an error with the trailer by which the clients tell it from
// others of the same status. More trailers come in pairs.
func exception(ctx context.Context, code codes.Code, message, kind string, more ...string) error {
	trailers := metadata.Pairs(append([]string{"exception", kind}, more...)...)
	if err := grpc.SetTrailer(ctx, trailers); err != nil {
		return errors.Join(status.Error(code, message), err)
	}
	return status.Error(code, message)
}

func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}

func invalidPosition() error { return invalid("Trying to read from an invalid position.") }

// failed turns an error of the log into what a real server would say. What it
// does not know it keeps to itself: the cause is in our own log.
func (s *Server) failed(ctx context.Context, doing string, err error) error {
	if _, ok := status.FromError(err); ok {
		return err // one of ours, or of the connection
	}
	switch {
	case ctx.Err() != nil:
		return status.FromContextError(ctx.Err()).Err()
	case errors.Is(err, eventlog.ErrClosed):
		return status.Error(codes.Unavailable, "Server Is Not Ready")
	case errors.Is(err, eventlog.ErrForeign), errors.Is(err, eventlog.ErrBeyondHead):
		return invalidPosition()
	}
	s.options.Logger.ErrorContext(ctx, "esdbserver: "+doing+" failed", "err", err)
	return status.Error(codes.Unknown, "The server could not read the log.")
}

// unsupported refuses a call by the name of what is not there.
func unsupported(what string) error {
	return status.Error(codes.Unimplemented, fmt.Sprintf("%s is not supported: this server is for reading, in front of another log.", what))
}

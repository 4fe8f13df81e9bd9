package esdblog

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errAbandoned ends a call to a client that did not come back after its deadline:
// after a failed discovery the client's goroutine is gone, and callers that wait
// for it would wait for ever.
var errAbandoned = errors.New("the client does not answer")

// errRetired ends a call before it began, on a client that is to be replaced.
var errRetired = errors.New("the client has lost its server")

// hasCode looks through the whole chain, which the client's FromError does not.
func hasCode(err error, code esdb.ErrorCode) bool {
	var e *esdb.Error
	return errors.As(err, &e) && e.Code() == code
}

// passing reports whether a failure may be over the next time. Everything else is
// an answer: asking again would get it again.
func passing(err error) bool {
	if errors.Is(err, errReplaced) {
		return false
	}
	var e *esdb.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case esdb.ErrorCodeStreamDeleted, esdb.ErrorCodeWrongExpectedVersion, esdb.ErrorCodeParsing:
			return false
		}
	}
	switch status.Code(err) {
	case codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented, codes.InvalidArgument,
		codes.FailedPrecondition, codes.OutOfRange, codes.NotFound, codes.AlreadyExists:
		return false
	}
	return true
}

// lost reports whether a failure means that the client has no server any more, or
// another one. A leader that is not one is no loss: the client goes to the new one by
// itself.
func lost(err error) bool {
	if errors.Is(err, errReplaced) {
		return true
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return true
	}
	return hasCode(err, esdb.ErrorCodeConnectionClosed) || errors.Is(err, errAbandoned) || errors.Is(err, context.DeadlineExceeded)
}

// refusedEarly reports whether the server ended an append before it had all of it.
// Its reason does not get through the client.
func refusedEarly(err error) bool { return errors.Is(err, io.EOF) }

const (
	shortestPause = 20 * time.Millisecond
	longestPause  = 2 * time.Second
)

// backoff doubles from the shortest to the longest pause, and half of it is by
// chance, so that those who were cut off together do not come back together.
func backoff(attempt int) time.Duration {
	d := min(shortestPause<<min(attempt, 16), longestPause)
	return d/2 + rand.N(d/2)
}

func pause(ctx context.Context, attempt int) error {
	t := time.NewTimer(backoff(attempt))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package esdblog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// once makes one call to the server with a deadline in front of it, and returns
// soon after that whatever the client does. The function may go on after once has
// returned, so it shares nothing with the caller but what it returns.
func once[T any](ctx context.Context, l *Log, f func(context.Context, *esdb.Client) (T, error)) (result T, err error) {
	u, err := l.clients.acquire(ctx)
	if err != nil {
		return result, err
	}
	defer l.clients.leave()
	attempt, cancel := context.WithTimeout(ctx, l.options.Deadline)
	defer cancel()
	var got T
	done := make(chan error, 1)
	go func() {
		defer l.clients.release(u)
		// Whoever comes to a client that has just lost its server, and is about to
		// look for it, could wait for ever.
		err := error(errRetired)
		if !l.clients.isRetired(u) {
			got, err = f(attempt, u.client)
		}
		if err == nil && l.clients.isRetired(u) {
			// The connection was lost meanwhile, and another server may have answered.
			err = l.identify(attempt, u.client)
		}
		if err != nil && ctx.Err() == nil && lost(err) {
			l.clients.retire(u)
		}
		done <- err
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		return result, ctx.Err()
	case <-attempt.Done():
		if err = answer(attempt, done); errors.Is(err, errAbandoned) {
			l.clients.retire(u)
		}
	}
	if err == nil {
		return got, nil
	}
	return result, err
}

// persist repeats a call whose failure may pass, for as long as the patience lasts.
// What it is given must be safe to repeat after an unknown outcome.
func persist[T any](ctx context.Context, l *Log, doing string, f func(context.Context, *esdb.Client) (T, error)) (result T, err error) {
	if err := l.ended(ctx); err != nil {
		return result, err
	}
	patient, cancel := context.WithTimeout(ctx, l.options.Patience)
	defer cancel()
	early := 0
	for attempt := 0; ; attempt++ {
		started := time.Now()
		result, failure := once(patient, l, f)
		if failure == nil {
			return result, nil
		}
		if attempt == 0 || patient.Err() == nil {
			err = failure
		}
		if refusedEarly(failure) {
			early++
		}
		switch {
		case ctx.Err() != nil:
			return result, fmt.Errorf("esdblog: %s: %w", doing, ctx.Err())
		case errors.Is(failure, eventlog.ErrClosed):
			return result, eventlog.ErrClosed
		case early == 3:
			return result, fmt.Errorf("esdblog: %s: refused before all of it was sent (is the server's MaxAppendSize smaller than here?): %w", doing, err)
		case !passing(failure):
			return result, fmt.Errorf("esdblog: %s: %w", doing, err)
		case patient.Err() != nil:
			return result, fmt.Errorf("esdblog: %s: the event store was not reached in %v: %w", doing, l.options.Patience, err)
		case l.ctx.Err() != nil:
			return result, eventlog.ErrClosed
		}
		l.logger.Debug("event store asked again", "doing", doing, "attempt", attempt+1, "took", time.Since(started), "error", failure)
		if !errors.Is(failure, errRetired) {
			_ = l.options.bounds.pause(patient, attempt) // its end is seen above
		}
	}
}

// read is persist for what Close must not wait for.
func read[T any](ctx context.Context, l *Log, doing string, f func(context.Context, *esdb.Client) (T, error)) (result T, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	result, err = persist(ctx, l, doing, f)
	if err != nil && l.ctx.Err() != nil {
		return result, eventlog.ErrClosed
	}
	return result, err
}

// grace is how long a call may take to come back after its deadline.
const grace = time.Second

// answer waits for a call, but not much longer than its context.
func answer(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		return errAbandoned
	}
}

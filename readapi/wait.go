package readapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"lobby.example/domain"
	"lobby.example/eventlog"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

// waitFor waits, bounded, until the model has the position.
func (a *API) waitFor(ctx context.Context, after string) error {
	position, err := eventlog.ParsePosition(after)
	if err != nil {
		return domain.Bad("after", "invalid_position", "This is no position as a command answers with.")
	}
	at, err := a.model.Position()
	if err != nil {
		return answerable(err)
	}
	if !at.SameLog(position) {
		return domain.Bad("after", "foreign_position", "This position is of another log.")
	}
	return a.wait(ctx, position)
}

// wait waits, bounded, for a position of the model's log.
func (a *API) wait(ctx context.Context, position eventlog.Position) error {
	waiting, cancel := context.WithTimeout(ctx, a.maxWait)
	defer cancel()
	err := a.model.Wait(waiting, position)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return httpapi.NewProblem(http.StatusServiceUnavailable, "not_caught_up", "The read model has not reached this position yet; ask again.").RetryAfter(time.Second)
	}
	if err != nil {
		return answerable(err)
	}
	return nil
}

// answerable says what a caller can do about an error of the model.
func answerable(err error) error {
	switch {
	case errors.Is(err, readmodel.ErrRebuilding):
		return httpapi.NewProblem(http.StatusServiceUnavailable, "rebuilding", err.Error()).RetryAfter(time.Second)
	case errors.Is(err, readmodel.ErrStale):
		return httpapi.NewProblem(http.StatusServiceUnavailable, "stale", "The read model is too far behind to be sure of anybody's rights.").RetryAfter(5 * time.Second)
	}
	return err
}

package esdblog

import (
	"context"
	"errors"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// making is an attempt to get a client, that goes on as long as somebody waits.
type making struct {
	waiting int
	stop    context.CancelFunc
	done    chan struct{}
	err     error // for good, once done
	last    error // while it goes on
}

// make tries until there is a client, or an answer that will not change, or nobody
// waits any more.
func (c *clients) make(ctx context.Context, m *making) {
	var u *used
	var err error
	for attempt := 0; ; attempt++ {
		if u, err = c.try(ctx); err == nil || !passing(err) {
			break
		}
		c.logger.Warn("event store not reached", "attempt", attempt+1, "error", err)
		c.mu.Lock()
		m.last = err
		c.mu.Unlock()
		if err = c.pause(ctx, attempt); err != nil {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended(ctx) != nil { // nobody waits
		if u != nil {
			u.client.Close()
		}
		return
	}
	c.making, c.current, m.err = nil, u, err
	close(m.done)
	if u != nil {
		c.logger.Info("event store connected")
		c.guard(u)
	}
}

// guard retires the client when its connection is lost while nothing is asked of it:
// it would quietly connect again, maybe to another server that has come in place of
// the first, and never be checked.
func (c *clients) guard(u *used) {
	ctx, stop := context.WithCancel(context.Background())
	u.stop = stop
	u.calls++
	go func() {
		defer c.release(u)
		for attempt := 0; ; attempt++ {
			err := c.watch(ctx, u.client)
			switch {
			case ctx.Err() != nil:
				return
			case lost(err):
				c.retire(u)
				return
			}
			c.logger.Warn("event store connection is not watched", "error", err)
			if !passing(err) || pause(ctx, attempt) != nil {
				return
			}
		}
	}()
}

// try makes one client. Its first call finds the server, and runs alone: it is the
// others that wait for a client whose discovery fails that would be stuck.
func (c *clients) try(ctx context.Context) (*used, error) {
	config := c.config
	client, err := esdb.NewClient(&config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*c.deadline)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := c.check(ctx, client)
		if err != nil {
			client.Close()
		}
		done <- err
	}()
	err = answer(ctx, done)
	if errors.Is(err, errAbandoned) {
		go func() { // should it come back after all
			if <-done == nil {
				client.Close()
			}
		}()
	}
	if err != nil {
		return nil, err
	}
	return &used{client: client}, nil
}

package esdblog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// grace is how long a call may take to come back after its deadline.
const grace = time.Second

// used is a client with a count of who uses it. To close a client with calls in
// flight can panic, so a retired one is closed by the last who lets go of it; one
// with a call that never comes back is left alone.
type used struct {
	client  *esdb.Client
	calls   int
	retired bool
	stop    context.CancelFunc // of the watch
}

// clients owns the client: at most one is current, and at most one is being made.
// Whoever needs one while there is none waits for the same attempt, so that a
// server that comes back is not met by a storm.
type clients struct {
	config   esdb.Configuration
	check    func(context.Context, *esdb.Client) error // that it is the right log
	watch    func(context.Context, *esdb.Client) error // returns when the connection is lost
	pause    func(context.Context, int) error
	deadline time.Duration
	logger   *slog.Logger
	closing  <-chan struct{}

	mu      sync.Mutex
	current *used
	waiting int           // callers of all clients
	idle    chan struct{} // closed when there are none
	making  *making
}

// making is an attempt to get a client, that goes on as long as somebody waits.
type making struct {
	waiting int
	stop    context.CancelFunc
	done    chan struct{}
	err     error // for good, once done
	last    error // while it goes on
}

// acquire answers with a client that was found working. It must be released when it
// is not used any more, and left when nobody waits for what it was used for, which may
// be earlier. It waits for one until the context ends.
func (c *clients) acquire(ctx context.Context) (*used, error) {
	for {
		c.mu.Lock()
		if err := c.ended(ctx); err != nil {
			c.mu.Unlock()
			return nil, err
		}
		if u := c.current; u != nil {
			u.calls++
			c.waiting++
			c.mu.Unlock()
			return u, nil
		}
		if c.making == nil {
			m := &making{done: make(chan struct{})}
			var making context.Context
			making, m.stop = context.WithCancel(context.Background())
			c.making = m
			go c.make(making, m)
		}
		m := c.making
		m.waiting++
		c.mu.Unlock()

		select {
		case <-m.done:
		case <-ctx.Done():
		case <-c.closing:
		}
		c.mu.Lock()
		if m.waiting--; m.waiting == 0 {
			m.stop()
			if c.making == m {
				c.making = nil
			}
		}
		err, last, ended := m.err, m.last, c.ended(ctx)
		c.mu.Unlock()
		switch {
		case ended != nil && last != nil && !errors.Is(ended, eventlog.ErrClosed):
			return nil, fmt.Errorf("%w (%w)", ended, last)
		case ended != nil:
			return nil, ended
		case err != nil:
			return nil, err
		}
	}
}

func (c *clients) ended(ctx context.Context) error {
	select {
	case <-c.closing:
		return eventlog.ErrClosed
	default:
		return ctx.Err()
	}
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
	if ctx.Err() != nil { // nobody waits
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
		if err := c.watch(ctx, u.client); err == nil || lost(err) {
			c.retire(u)
		} else if ctx.Err() == nil {
			c.logger.Warn("event store connection is not watched", "error", err)
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

// release lets go of a client.
func (c *clients) release(u *used) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u.calls--
	u.closeIfIdle()
}

// leave is for whoever acquired a client and does not wait for it any more.
func (c *clients) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting--; c.waiting == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

func (c *clients) isRetired(u *used) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return u.retired
}

// retire makes sure that nobody gets the client any more.
func (c *clients) retire(u *used) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == u {
		c.current = nil
		if c.ended(context.Background()) == nil {
			c.logger.Warn("event store connection lost")
		}
	}
	if !u.retired {
		u.retired = true
		u.stop()
		u.closeIfIdle()
	}
}

func (u *used) closeIfIdle() {
	if u.retired && u.calls == 0 {
		u.client.Close()
	}
}

// drain retires the client and waits until nobody waits for a call, for a while.
func (c *clients) drain(patience time.Duration) {
	c.mu.Lock()
	u := c.current
	c.mu.Unlock()
	if u != nil {
		c.retire(u)
	}
	c.mu.Lock()
	if c.waiting == 0 {
		c.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	c.idle = idle
	c.mu.Unlock()
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-idle:
	case <-t.C:
	}
}

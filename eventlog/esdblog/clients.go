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
	watch    func(context.Context, *esdb.Client) error // returns why the connection is lost
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

package sqlitemodel

import (
	"context"
	"errors"

	"lobby.example/readmodel"
)

// pool lends connections, each to one borrower at a time.
type pool struct {
	free   chan *connection // has room for all
	closed chan struct{}    // of the store
}

func newPool(size int, closed chan struct{}) *pool {
	return &pool{free: make(chan *connection, size), closed: closed}
}

// take waits for a connection.
func (p *pool) take(ctx context.Context) (*connection, error) {
	select {
	case <-p.closed:
		return nil, readmodel.ErrClosed
	default:
	}
	select {
	case c := <-p.free:
		if c == nil { // Finish has failed, and is about to close the store
			p.put(nil)
			return nil, readmodel.ErrClosed
		}
		return c, nil
	case <-p.closed:
		return nil, readmodel.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pool) put(c *connection) { p.free <- c }

// drain waits until every connection is back, and closes it.
func (p *pool) drain() (err error) {
	for range cap(p.free) {
		if c := <-p.free; c != nil {
			err = errors.Join(err, c.Close())
		}
	}
	return err
}

// abandon closes the connections of a pool that was not filled.
func (p *pool) abandon() error {
	for len(p.free) < cap(p.free) {
		p.put(nil)
	}
	return p.drain()
}

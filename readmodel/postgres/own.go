package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
)

// keptAlive is what the server is told of connections that mostly wait: to look
// whether the other side is still there, and end the session within seconds where
// it is not. It frees what the session has locked.
var keptAlive = map[string]string{
	"tcp_keepalives_idle":     "2",
	"tcp_keepalives_interval": "1",
	"tcp_keepalives_count":    "3",
	"tcp_user_timeout":        "5000",
}

const (
	// askAgain is how long whoever wants a model waits before asking again whether it
	// is free. A session that waited within the server would keep a snapshot, and
	// with it every row that was deleted since.
	askAgain = 400 * time.Millisecond
	// beat is how often an owner looks whether it still is, and beatWithin how soon
	// the server has to say so.
	beat       = time.Second
	beatWithin = 3 * time.Second
)

// Ownership of a model is with one process at a time: it projects, the others
// read. It is a lock that the server frees when the connection ends, as it does
// when the process dies. For a moment two may believe to be the owner; then the
// checkpoint refuses one.
type Ownership struct {
	conn    *pgx.Conn
	lost    chan struct{}
	ended   chan struct{}
	release context.CancelFunc
}

// Own waits until nobody else owns the model. It takes a connection of its own,
// which Release ends and closing the engine does not.
func (e *Engine) Own(ctx context.Context, model string) (readmodel.Ownership, error) {
	return e.own(ctx, model, true)
}

// TryOwn answers with nil where somebody else owns the model.
func (e *Engine) TryOwn(ctx context.Context, model string) (readmodel.Ownership, error) {
	return e.own(ctx, model, false)
}

func (e *Engine) own(ctx context.Context, model string, wait bool) (readmodel.Ownership, error) {
	if err := e.enter(model); err != nil {
		return nil, err
	}
	defer e.gate.leave()
	ctx, stop := e.gate.until(ctx)
	defer stop()
	conn, err := e.dial(ctx, "owns "+model)
	if err != nil {
		return nil, fmt.Errorf("postgres: own %s: %w", model, err)
	}
	for {
		var owned bool
		err := conn.QueryRow(ctx, `select pg_try_advisory_lock(hashtextextended($1, 1))`, e.channel(model)).Scan(&owned)
		if err == nil && owned {
			break
		}
		if err == nil && !wait {
			return nil, conn.Close(background)
		}
		if err == nil {
			select {
			case <-time.After(askAgain/2 + rand.N(askAgain)):
				continue
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		}
		return nil, fmt.Errorf("postgres: own %s: %w", model, errors.Join(err, conn.Close(background)))
	}
	return own(conn), nil
}

func own(conn *pgx.Conn) *Ownership {
	o := &Ownership{conn: conn, lost: make(chan struct{}), ended: make(chan struct{})}
	var ctx context.Context
	ctx, o.release = context.WithCancel(background)
	go o.keep(ctx)
	return o
}

// keep makes sure that the connection is there, which is as much as the lock.
func (o *Ownership) keep(ctx context.Context) {
	defer close(o.ended)
	defer func() {
		close(o.lost)
		within, cancel := context.WithTimeout(background, beatWithin)
		defer cancel()
		o.conn.Close(within)
	}()
	for {
		// Nobody is told anything here: what comes is the end of the connection, at once.
		until, over := context.WithTimeout(ctx, beat)
		o.conn.WaitForNotification(until)
		over()
		if ctx.Err() != nil || o.conn.IsClosed() {
			return
		}
		within, cancel := context.WithTimeout(ctx, beatWithin)
		err := o.conn.Ping(within)
		cancel()
		if err != nil {
			return
		}
	}
}

// Lost is closed once the model is not owned any more: the connection has failed,
// or it was released. Somebody else may own it then.
func (o *Ownership) Lost() <-chan struct{} { return o.lost }

// Release lets somebody else own the model.
func (o *Ownership) Release() {
	o.release()
	<-o.ended
}

// dial makes a connection for one purpose, which its name tells.
func (e *Engine) dial(ctx context.Context, purpose string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(e.url)
	if err != nil {
		return nil, err
	}
	session := maps.Clone(keptAlive)
	session["application_name"] = "lobby " + purpose
	configure(config, session)
	return pgx.ConnectConfig(ctx, config)
}

package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"lobby.example/readmodel"
)

// View reads on a connection of its own, from its first query on: that one brings
// the checkpoint along.
func (s *Store) View(ctx context.Context, read func(readmodel.Query) error) (at readmodel.Checkpoint, err error) {
	if err := s.gate.enter(); err != nil {
		return at, err
	}
	defer s.gate.leave()
	q := &query{store: s, ctx: ctx, unwatch: func() {}}
	defer q.end()
	if err := read(q); err != nil {
		return q.at, err
	}
	if q.pipeline == nil {
		if err := q.begin(ctx, nil); err != nil {
			return at, err
		}
	}
	return q.at, nil
}

// query is the Query of one View, for as long as that runs. What it sends is one
// transaction, because there is no Sync before the end, and one snapshot, because
// its sessions are told so.
type query struct {
	store    *Store
	ctx      context.Context
	at       readmodel.Checkpoint
	conn     *pgxpool.Conn
	session  *session
	pipeline *pgconn.Pipeline
	stop     func()       // watching the view's context
	unwatch  func()       // the query's
	sent     []*statement // that are to be received
	failed   error
	busy     bool
	over     bool

	fields []pgconn.FieldDescription
	row    [][]byte
}

// begin reads the checkpoint, and sends the first queries behind it. Connections
// that the server has given up since they were used last are found out here, where
// nothing has been read yet: then it begins anew, on a new one.
func (q *query) begin(ctx context.Context, asks []readmodel.Ask) (err error) {
	for again := true; ; again = false {
		if q.conn, err = q.store.readers.Acquire(ctx); err != nil {
			return q.failure(ctx, err)
		}
		q.session = sessionOf(q.conn)
		q.pipeline = q.session.StartPipeline(background)
		q.stop = interruptAfter(q.ctx, q.session.PgConn)
		q.watch(ctx)
		unsent, err := q.first(asks)
		if err == nil {
			return nil
		}
		if !unsent {
			err = q.store.gone(err)
		}
		if unsent || !again || !lost(err) || ctx.Err() != nil {
			return q.failure(ctx, err)
		}
		q.unwatch()
		q.end()
		q.over, q.pipeline = false, nil
		q.store.readers.Reset()
	}
}

// first reads the checkpoint, with the first queries behind it. It tells of one that
// could not be sent, so that trying again is in vain.
func (q *query) first(asks []readmodel.Ask) (unsent bool, err error) {
	checkpoint := q.session.statement(selectCheckpoint, nil)
	q.session.send(q.pipeline, checkpoint, nil)
	if err := q.send(asks); err != nil {
		return true, err
	}
	q.pipeline.SendFlushRequest()
	if err := q.pipeline.Flush(); err != nil {
		return false, err
	}
	result, err := q.session.received(q.pipeline, checkpoint)
	if err != nil {
		return false, err
	}
	found := false
	for result.NextRow() {
		found = true
		row := result.Values()
		q.at = readmodel.Checkpoint{Position: string(row[0]), Event: string(row[1])}
	}
	if _, err = result.Close(); err == nil && !found {
		err = errors.New("there is no checkpoint in readmodel_checkpoint")
	}
	return false, err
}

// send puts queries into the pipeline. One that fails leaves those before it there,
// so that nothing can come after.
func (q *query) send(asks []readmodel.Ask) error {
	q.sent = q.sent[:0]
	for _, a := range asks {
		arguments, types, err := q.session.parameters(a.Values)
		if err != nil {
			return err
		}
		st := q.session.statement(a.SQL, types)
		if st.description == nil && slices.Contains(q.sent, st) { // it is being prepared already
			q.pipeline.SendQueryPrepared(st.name, arguments, binary, binary)
		} else {
			q.session.send(q.pipeline, st, arguments)
		}
		q.sent = append(q.sent, st)
	}
	return nil
}

// end ends the transaction, and gives the connection back once the server has said
// so, which nobody waits for.
func (q *query) end() {
	q.over = true
	if q.conn == nil {
		return
	}
	q.stop()
	if q.session.IsClosed() { // it failed, and the driver is about to close it
		q.conn.Release()
		q.conn = nil
		return
	}
	go func(c *pgxpool.Conn, s *session, p *pgconn.Pipeline, failed bool) {
		defer c.Release()
		p.Sync()
		s.finish(p)
		if failed {
			s.forgetUnprepared()
		}
		if s.tidy() != nil {
			s.Close(background)
		}
	}(q.conn, q.session, q.pipeline, q.failed != nil)
	q.conn = nil
}

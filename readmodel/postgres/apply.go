package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"lobby.example/readmodel"
)

const (
	// rowsAtOnce are written by one statement: more make it no faster, and the server
	// would have nothing to do until all of them are encoded.
	rowsAtOnce = 2000
	// flushAfter so many bytes the server begins with what is there.
	flushAfter = 64 << 10
)

// Apply writes rows and checkpoint in one transaction, and tells of it whoever
// follows the model. Where it fails, nothing of it is there and the store goes on;
// where the connection fails while it commits, the checkpoint tells which.
func (s *Store) Apply(ctx context.Context, from, to readmodel.Checkpoint, operations []readmodel.Operation) error {
	if err := s.beginWrite(ctx); err != nil {
		return err
	}
	defer s.endWrite()
	conn, err := s.writer.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("postgres: apply to %s: %w", s.model.Name, err)
	}
	defer conn.Release()
	a := &applying{session: sessionOf(conn), store: s}
	a.pipeline = a.session.StartPipeline(background)
	stop := interruptAfter(ctx, a.session.PgConn)
	err = a.run(ctx, from, to, operations)
	stop()
	if err == nil {
		if s.filling {
			s.filled += len(operations)
		}
		return nil
	}
	a.session.forgetUnprepared()
	if !a.session.IsClosed() && a.session.TxStatus() != 'I' {
		a.session.Exec(background, "rollback").Close()
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, readmodel.ErrMoved) {
		err = ended
	}
	if code(err) == diskFull {
		err = fmt.Errorf("%w: %w", readmodel.ErrFull, err)
	}
	return fmt.Errorf("postgres: apply to %s: %w", s.model.Name, err)
}

// applying is one transaction on its way: everything is sent without waiting for
// an answer, and the answers are read when all of it is out.
type applying struct {
	store    *Store
	session  *session
	pipeline *pgconn.Pipeline
	sent     []*statement
	read     int // answers
	unsent   int // bytes
}

func (a *applying) run(ctx context.Context, from, to readmodel.Checkpoint, operations []readmodel.Operation) (err error) {
	defer func() {
		if closing := a.session.finish(a.pipeline); err == nil {
			err = closing
		}
	}()
	a.statement("begin isolation level read committed")
	a.statement(moveCheckpoint, to.Position, to.Event, from.Position, from.Event)
	err = a.store.coalescer.Each(operations, func(w *readmodel.Write) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.Run != nil {
			return a.statement(w.Run.SQL, w.Values...)
		}
		if err := a.rows(w); err != nil {
			return fmt.Errorf("table %s: %w", w.Table.Name, err)
		}
		return nil
	})
	if err == nil && !a.store.filling {
		err = a.notify(to)
	}
	if err == nil {
		err = a.statement("commit")
	}
	if err != nil { // before the server has found anything wrong: there is no commit
		if !a.session.IsClosed() {
			a.pipeline.Sync()
		}
		return err
	}
	if err := a.pipeline.Sync(); err != nil {
		return err
	}
	return a.answers()
}

func (a *applying) notify(to readmodel.Checkpoint) error {
	channel, payload, err := a.store.engine.payload(a.store.model.Name, Commit{Build: a.store.build, Checkpoint: to})
	if err != nil {
		return err
	}
	return a.statement(notify, channel, payload)
}

// rows sends the rows of a write, as an array for each column.
func (a *applying) rows(w *readmodel.Write) error {
	st := a.session.rowsStatement(w, a.store.filling)
	n := len(st.columns)
	for left := w.Values; len(left) > 0; {
		values := left[:min(len(left), rowsAtOnce*n)]
		left = left[len(values):]
		arguments, err := a.session.arrays(st.columns, values)
		if err != nil {
			return err
		}
		if err := a.send(st, arguments); err != nil {
			return err
		}
	}
	return nil
}

func (a *applying) statement(sql string, values ...any) error {
	arguments, types, err := a.session.parameters(values)
	if err != nil {
		return err
	}
	return a.send(a.session.statement(sql, types), arguments)
}

func (a *applying) send(st *statement, arguments [][]byte) error {
	if st.description == nil && slices.Contains(a.sent, st) { // it is being prepared: wait for that
		a.pipeline.SendFlushRequest()
		if err := a.pipeline.Flush(); err != nil {
			return err
		}
		if err := a.answers(); err != nil {
			return err
		}
	}
	a.session.send(a.pipeline, st, arguments)
	a.sent = append(a.sent, st)
	for _, argument := range arguments {
		a.unsent += len(argument)
	}
	if a.unsent < flushAfter {
		return nil
	}
	a.unsent = 0
	return a.pipeline.Flush()
}

// answers reads what the server says to what was sent.
func (a *applying) answers() error {
	for ; a.read < len(a.sent); a.read++ {
		result, err := a.session.received(a.pipeline, a.sent[a.read])
		if err == nil {
			_, err = result.Close()
		}
		if err != nil {
			if a.read == 1 && code(err) == divisionByZero {
				err = readmodel.ErrMoved
			}
			if a.read == 1 { // the checkpoint, which every build has
				err = a.store.gone(err)
			}
			return err
		}
	}
	return nil
}

package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
)

// Commit is what a process hears of a model.
type Commit = readmodel.Commit

const notify = `select pg_notify($1, $2)`

func (e *Engine) channel(model string) string { return e.home + "." + model }

func (e *Engine) payload(model string, c Commit) (channel, payload string, err error) {
	text, err := json.Marshal(c)
	return e.channel(model), string(text), err
}

func (e *Engine) notify(ctx context.Context, tx pgx.Tx, model string, c Commit) error {
	channel, payload, err := e.payload(model, c)
	if err == nil {
		_, err = tx.Exec(ctx, notify, channel, payload)
	}
	return err
}

// Follow tells of every commit to a finished build of the model, by whatever
// process, and of every change of the build that serves. What it yields first is
// the build that serves and its checkpoint, so that nothing is missed that was
// committed before: the zero Commit where none serves. It ends with an error, that
// of the context included; whoever follows on hears first of all where things
// stand. It takes a connection of its own.
func (e *Engine) Follow(ctx context.Context, model string) iter.Seq2[Commit, error] {
	return func(yield func(Commit, error) bool) {
		if err := e.enter(model); err != nil {
			yield(Commit{}, err)
			return
		}
		// Closing the engine ends this, and does not wait for who holds a commit.
		e.gate.leave()
		ctx, stop := e.gate.until(ctx)
		defer stop()
		if err := e.follow(ctx, model, func(c Commit) bool { return yield(c, nil) }); err != nil {
			if ended := context.Cause(ctx); ended != nil {
				err = ended
			}
			yield(Commit{}, fmt.Errorf("postgres: follow %s: %w", model, err))
		}
	}
}

// follow returns nil once yield wants no more.
func (e *Engine) follow(ctx context.Context, model string, yield func(Commit) bool) error {
	conn, err := e.dial(ctx, "follows "+model)
	if err != nil {
		return err
	}
	defer conn.Close(background)
	if _, err := conn.Exec(ctx, `listen `+quote(e.channel(model))); err != nil {
		return err
	}
	first, err := e.standing(ctx, conn, model)
	if err != nil || !yield(first) {
		return err
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		var c Commit
		if err := json.Unmarshal([]byte(n.Payload), &c); err != nil {
			return fmt.Errorf("not a message of ours: %q", n.Payload)
		}
		if !yield(c) {
			return nil
		}
	}
}

// standing is the build that serves and its checkpoint.
func (e *Engine) standing(ctx context.Context, conn *pgx.Conn, model string) (c Commit, err error) {
	rows, err := conn.Query(ctx, e.named(`select version, number from "HOME".serving where model = $1`), model)
	if err != nil {
		return c, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[readmodel.Build])
	if err != nil || len(found) == 0 {
		return c, err
	}
	c = Commit{Build: found[0], Serving: true}
	err = conn.QueryRow(ctx, `select position, event from `+quote(e.schema(model, c.Build))+`.readmodel_checkpoint`).Scan(&c.Checkpoint.Position, &c.Checkpoint.Event)
	return c, err
}

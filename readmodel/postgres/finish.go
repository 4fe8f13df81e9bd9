package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
)

// Finish makes the indexes, tells the planner what there is, and only then says
// that the build is finished, all of it in one transaction that the disk has when
// Finish returns. What was written before is in the log of the server before that.
func (s *Store) Finish(ctx context.Context) error {
	if err := s.beginWrite(ctx); err != nil {
		return err
	}
	defer s.endWrite()
	if !s.filling {
		return nil
	}
	err := pgx.BeginFunc(ctx, s.engine.pool, func(tx pgx.Tx) error { return s.finish(ctx, tx) })
	if err != nil {
		return fmt.Errorf("postgres: finish %s: %w", s.schema, s.gone(err))
	}
	s.filling = false
	if s.filled > manyRows {
		// So that indexes alone answer what they can, at once. The server would do it
		// by and by, so it is no failure where it cannot be done now.
		var tables string // that have rows; of an empty one it would be known that it is
		if s.engine.pool.QueryRow(ctx, `select string_agg(oid::regclass::text, ', ') from pg_class where relnamespace = $1::text::regnamespace and relkind = 'r' and reltuples > 0`,
			quote(s.schema)).Scan(&tables) == nil {
			s.engine.pool.Exec(ctx, `vacuum (skip_locked) `+tables, pgx.QueryExecModeSimpleProtocol)
		}
	}
	return nil
}

// manyRows are enough for the next query to notice who has looked after them.
const manyRows = 10_000

func (s *Store) finish(ctx context.Context, tx pgx.Tx) error {
	var script strings.Builder
	// Every View reads the checkpoint first, so none has begun when the tables change.
	fmt.Fprintf(&script, "set local search_path = %s; set local maintenance_work_mem = '128MB'; lock table readmodel_checkpoint;\n", quote(s.schema))
	for _, t := range s.model.Tables {
		finishTable(&script, t)
	}
	if _, err := tx.Exec(ctx, script.String(), pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	done, err := tx.Exec(ctx, s.engine.named(`update "HOME".builds set finished_at = now() where model = $1 and version = $2 and number = $3`),
		s.model.Name, s.build.Version, s.build.Number)
	if err == nil && done.RowsAffected() == 0 {
		err = readmodel.ErrNoBuild
	}
	return err
}

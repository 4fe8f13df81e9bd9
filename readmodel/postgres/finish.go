package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
)

// moved tells why there was no checkpoint to move.
func (s *Store) moved() error {
	var there bool
	if err := s.engine.pool.QueryRow(background, `select exists (select 1 from `+quote(s.schema)+`.readmodel_checkpoint)`).Scan(&there); err != nil {
		return err
	}
	if !there {
		return errLost
	}
	return readmodel.ErrMoved
}

// Finish makes the tables safe and their indexes, tells the planner about both,
// and says that the build is finished: all of that, or nothing.
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
	return nil
}

func (s *Store) finish(ctx context.Context, tx pgx.Tx) error {
	var script strings.Builder
	// Every View reads the checkpoint first, so none has begun when the tables change.
	fmt.Fprintf(&script, "set local search_path = %s; set local maintenance_work_mem = '128MB'; lock table readmodel_checkpoint;\n", quote(s.schema))
	for _, t := range s.model.Tables {
		finishTable(&script, t)
	}
	script.WriteString("alter table readmodel_checkpoint set logged;")
	if _, err := tx.Exec(ctx, script.String(), pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	done, err := tx.Exec(ctx, s.engine.named(`update "HOME".builds set finished_at = now()
		where model = $1 and version = $2 and number = $3 and exists (select 1 from readmodel_checkpoint)`), s.model.Name, s.build.Version, s.build.Number)
	if err == nil && done.RowsAffected() == 0 {
		err = errLost
	}
	return err
}

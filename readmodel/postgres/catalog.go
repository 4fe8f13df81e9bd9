package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
)

// The schema HOME is made by whichever process comes first.
const homeSchema = `
create schema if not exists "HOME";
create table if not exists "HOME".builds (
	model       text collate "C" not null,
	version     integer not null,
	number      integer not null,
	schema_name text not null,
	created_at  timestamptz not null default now(),
	finished_at timestamptz,
	primary key (model, version, number)
);
create table if not exists "HOME".numbers (
	model   text collate "C" not null,
	version integer not null,
	last    integer not null,
	primary key (model, version)
);
create table if not exists "HOME".serving (
	model   text collate "C" primary key,
	version integer not null,
	number  integer not null,
	since   timestamptz not null default now(),
	foreign key (model, version, number) references "HOME".builds
);
comment on schema "HOME" is 'Lobby: which builds of its read models there are, and which one serves. See serving for where to read.';
comment on table "HOME".builds is 'the builds of all read models: each is a schema with the tables of one model, filled from the event log';
comment on column "HOME".builds.version is 'of the shape and the meaning of the tables';
comment on column "HOME".builds.number is 'tells builds of one version apart';
comment on column "HOME".builds.schema_name is 'where its tables are';
comment on column "HOME".builds.finished_at is 'null while it is filled; such a build is worth nothing after a crash';
comment on table "HOME".numbers is 'the last number that a build got: none is given again, so that a process which has lost a model without knowing it finishes, serves or drops no build of its next owner';
comment on table "HOME".serving is 'the build of each model that queries read: join builds for the schema where its tables are';
`

// prepare refuses a server that would not do, and makes the schema of the engine.
func (e *Engine) prepare(ctx context.Context) error {
	var version int
	var encoding string
	var there bool
	if err := e.pool.QueryRow(ctx, `select current_setting('server_version_num')::int, current_setting('server_encoding'), to_regclass($1) is not null`,
		e.home+".numbers").Scan(&version, &encoding, &there); err != nil {
		return err
	}
	if version < 150000 {
		return fmt.Errorf("the server is PostgreSQL %d, and 15 is the oldest that will do", version/10000)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database is encoded as %s, and has to be UTF8", encoding)
	}
	if there {
		return nil
	}
	return e.transact(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, e.named(homeSchema), pgx.QueryExecModeSimpleProtocol)
		return err
	})
}

// transact runs change alone: no two processes change the schemas at once.
func (e *Engine) transact(ctx context.Context, change func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, e.home); err != nil {
			return err
		}
		return change(tx)
	})
}

// Builds lists the finished and the unfinished, ordered by version and number.
func (e *Engine) Builds(ctx context.Context, model string) ([]readmodel.Build, error) {
	if err := e.enter(model); err != nil {
		return nil, err
	}
	defer e.gate.leave()
	rows, _ := e.pool.Query(ctx, e.named(`select version, number from "HOME".builds where model = $1 order by version, number`), model)
	builds, err := pgx.CollectRows(rows, pgx.RowToStructByPos[readmodel.Build])
	if err != nil {
		return nil, fmt.Errorf("postgres: builds of %s: %w", model, err)
	}
	return builds, nil
}

// Serving reads the pointer.
func (e *Engine) Serving(ctx context.Context, model string) (b readmodel.Build, err error) {
	if err := e.enter(model); err != nil {
		return b, err
	}
	defer e.gate.leave()
	err = e.pool.QueryRow(ctx, e.named(`select version, number from "HOME".serving where model = $1`), model).Scan(&b.Version, &b.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, nil
	}
	if err != nil {
		return b, fmt.Errorf("postgres: serving %s: %w", model, err)
	}
	return b, nil
}

// Serve replaces the pointer, and tells every process that follows the model. It
// fails with ErrNoBuild for a build that Open would not open.
func (e *Engine) Serve(ctx context.Context, model string, build readmodel.Build) error {
	if err := e.enter(model); err != nil {
		return err
	}
	defer e.gate.leave()
	err := e.transact(ctx, func(tx pgx.Tx) error {
		if err := e.checkFinished(ctx, tx, model, build); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, e.named(`insert into "HOME".serving values ($1, $2, $3, now())
			on conflict (model) do update set version = excluded.version, number = excluded.number, since = excluded.since`), model, build.Version, build.Number); err != nil {
			return err
		}
		return e.notify(ctx, tx, model, Commit{Build: build, Serving: true})
	})
	if err != nil {
		return fmt.Errorf("postgres: serve %s: %w", e.schema(model, build), err)
	}
	return nil
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func (e *Engine) checkFinished(ctx context.Context, db querier, model string, b readmodel.Build) error {
	var finished bool
	err := db.QueryRow(ctx, e.named(`select finished_at is not null from "HOME".builds where model = $1 and version = $2 and number = $3`),
		model, b.Version, b.Number).Scan(&finished)
	if errors.Is(err, pgx.ErrNoRows) {
		return readmodel.ErrNoBuild
	}
	if err == nil && !finished {
		err = fmt.Errorf("%w that is finished", readmodel.ErrNoBuild)
	}
	return err
}

// createBuild makes the tables of a new build, with its name, or nothing.
func (e *Engine) createBuild(ctx context.Context, model readmodel.Model) (b readmodel.Build, err error) {
	err = e.transact(ctx, func(tx pgx.Tx) error {
		b = readmodel.Build{Version: model.Version}
		if err := tx.QueryRow(ctx, e.named(`insert into "HOME".numbers as given
			select $1, $2, coalesce(max(number), 0) + 1 from "HOME".builds where model = $1 and version = $2
			on conflict (model, version) do update set last = greatest(given.last + 1, excluded.last) returning last`),
			model.Name, b.Version).Scan(&b.Number); err != nil {
			return err
		}
		schema := e.schema(model.Name, b)
		if len(schema) > 63 {
			return fmt.Errorf("%s is too long for the name of a schema", schema)
		}
		if _, err := tx.Exec(ctx, createSchema(schema, model), pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, e.named(`insert into "HOME".builds (model, version, number, schema_name) values ($1, $2, $3, $4)`), model.Name, b.Version, b.Number, schema)
		return err
	})
	return b, err
}

// dropBuild takes the lock of the table that every View reads first, so that it
// waits for those that have begun and holds the later ones up before they have
// locked anything that it needs.
func (e *Engine) dropBuild(ctx context.Context, model string, b readmodel.Build) error {
	err := e.transact(ctx, func(tx pgx.Tx) error {
		for _, table := range []string{"serving", "builds"} {
			done, err := tx.Exec(ctx, e.named(`delete from "HOME".`+table+` where model = $1 and version = $2 and number = $3`), model, b.Version, b.Number)
			if err != nil {
				return err
			}
			if table == "builds" && done.RowsAffected() == 0 {
				return nil
			}
		}
		schema := quote(e.schema(model, b))
		var there bool
		if err := tx.QueryRow(ctx, `select to_regclass($1) is not null`, schema+`.readmodel_checkpoint`).Scan(&there); err != nil || !there {
			return err // somebody has dropped it by hand
		}
		_, err := tx.Exec(ctx, `set local lock_timeout = '5s'; lock table `+schema+`.readmodel_checkpoint; set local client_min_messages = warning; drop schema `+schema+` cascade`, pgx.QueryExecModeSimpleProtocol)
		return err
	})
	if code(err) == notAvailable {
		return fmt.Errorf("somebody reads it: %w", err)
	}
	return err
}

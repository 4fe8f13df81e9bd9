package bench

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Stores are where the program keeps what is not in its data directory. The zero
// value is a program that keeps everything there.
type Stores struct {
	EventStore string // connection string of the log; embedded where empty
	Postgres   string // URL of the read models; SQLite where empty
}

// bars are what a run over the stores is held against.
func (s Stores) bars() (all []bar) {
	if s == (Stores{}) {
		return bars
	}
	if s.EventStore != "" {
		all = append(all, eventStoreBars...)
	}
	if s.Postgres != "" {
		all = append(all, postgresBars...)
	}
	return all
}

// notes say how a report over the stores differs from one without.
func (s Stores) notes() (all []string) {
	if s.EventStore != "" {
		all = append(all, "The log is in an event store, whose processor time is among others and not in cpu.",
			"Left out are fdatasync and what is compared with it: the disk of the log may be another one.")
	}
	if s.Postgres != "" {
		all = append(all, "The read models are on PostgreSQL, whose processor time is among others and not in cpu.")
	}
	return all
}

// disk reports whether the log is on the disk that the run works on.
func (s Stores) disk() bool { return s.EventStore == "" }

// dropWithin bounds how long a database may take to drop what a run has made.
const dropWithin = time.Minute

// drop drops the schema of that name in PostgreSQL and those of the builds below it.
func (s Stores) drop(ctx context.Context, name string) error {
	if s.Postgres == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropWithin) // after Ctrl-C as well
	defer cancel()
	conn, err := pgx.Connect(ctx, s.Postgres)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, _ := conn.Query(ctx, `select nspname from pg_namespace where nspname = $1 or starts_with(nspname, $1 || '_')`, name)
	schemas, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, schema := range schemas {
		if err == nil {
			_, err = conn.Exec(ctx, "drop schema "+pgx.Identifier{schema}.Sanitize()+" cascade")
		}
	}
	return err
}

package postgres

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What every connection is told when it is made. Compiling a query costs more
// than these queries do.
var everySession = map[string]string{"jit": "off", "client_encoding": "UTF8", "timezone": "UTC"}

// A View is a transaction that nobody begins: what is sent without a Sync in
// between is one, and isolated as told here, so it costs no round trip to begin
// and none to wait for to end. Its queries are planned once for each connection:
// to plan one anew for its parameters takes longer than to run it.
var readerSession = map[string]string{
	"default_transaction_isolation":   "repeatable read",
	"default_transaction_read_only":   "on",
	"plan_cache_mode":                 "force_generic_plan",
	"enable_seqscan":                  "off",
	"enable_hashjoin":                 "off",
	"enable_mergejoin":                "off",
	"max_parallel_workers_per_gather": "0",
}

// Rows are written by their keys, whatever the planner believes about the tables
// while they grow: a plan that was made for an empty table would read all of a
// full one. Commits do not wait for the disk, since what a crash takes is in the
// log, and the checkpoint goes back with the rows.
var writerSession = map[string]string{
	"plan_cache_mode":    "force_generic_plan",
	"enable_seqscan":     "off",
	"enable_hashjoin":    "off",
	"enable_mergejoin":   "off",
	"synchronous_commit": "off",
}

// connect makes a pool that connects when it has to. Ping says whether a connection
// that was idle is asked first whether it is still there.
func connect(ctx context.Context, url string, size int, session map[string]string, ping func(idle time.Duration) bool) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns, config.MinConns, config.MinIdleConns = int32(size), 0, 0
	config.ShouldPing = func(_ context.Context, p pgxpool.ShouldPingParams) bool { return ping(p.IdleDuration) }
	configure(config.ConnConfig, session)
	return pgxpool.NewWithConfig(context.WithoutCancel(ctx), config)
}

func always(time.Duration) bool           { return true }
func never(time.Duration) bool            { return false }
func afterAWhile(idle time.Duration) bool { return idle > time.Second }

func configure(config *pgx.ConnConfig, session map[string]string) {
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "lobby"
	}
	maps.Copy(config.RuntimeParams, everySession)
	maps.Copy(config.RuntimeParams, session)
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
}

// patience is how long a connection has to end what it was told to cancel. One
// that has not by then is given up.
const patience = 2 * time.Second

// interruptAfter cancels what runs on the connection once the context ends. After
// stop has returned nothing is cancelled any more. The driver could watch the
// context too, but for the whole of a View, whose end nobody waits for.
func interruptAfter(ctx context.Context, c *pgconn.PgConn) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	interrupted := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		c.Conn().SetDeadline(time.Now().Add(patience))
		short, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		// It returns once the server has sent its signal, which an idle session ignores.
		c.CancelRequest(short)
	})
	return func() {
		if !forget() {
			<-interrupted
			c.Conn().SetDeadline(time.Time{})
		}
	}
}

// SQLSTATE codes that are more than a message here.
const (
	undefinedTable = "42P01"
	invalidSchema  = "3F000"
	divisionByZero = "22012"
	diskFull       = "53100"
	notAvailable   = "55P03" // a lock, in time
)

func code(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// lost reports whether it is the connection that failed, rather than what was
// asked on it.
func lost(err error) bool {
	pg := (*pgconn.PgError)(nil)
	return err != nil && (!errors.As(err, &pg) || pg.Severity == "FATAL" || pg.Severity == "PANIC")
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdblog"
	"lobby.example/eventlog/sqlitelog"
)

// place is where everything of one server is: a data directory of its own, and in
// the stores that it shares with others the streams and schemas under a name of
// its own.
type place struct{ dir, name string }

// prefix begins the names of its streams. It ends what an event store takes for
// their category.
func (p place) prefix() string { return p.name + "-" }

// place makes a fresh one.
func (r *run) place() (place, error) {
	r.places++
	name := fmt.Sprintf("%s_%d", r.name, r.places)
	p := place{dir: filepath.Join(r.root, name), name: name}
	return p, os.Mkdir(p.dir, 0o700)
}

// settings are the environment of a server at the place: connection strings may
// hold passwords, which do not belong on a command line.
func (r *run) settings(p place) (env []string) {
	if s := r.Stores; s.EventStore != "" {
		env = append(env, "LOBBY_EVENTSTORE="+s.EventStore, "LOBBY_EVENTSTORE_PREFIX="+p.prefix())
	}
	if s := r.Stores; s.Postgres != "" {
		env = append(env, "LOBBY_POSTGRES="+s.Postgres, "LOBBY_POSTGRES_SCHEMA="+p.name)
	}
	return env
}

// endingLog is a log that ends.
type endingLog interface {
	eventlog.Log
	Close() error
}

// storeWithin bounds how long an event store may take to answer at first.
const storeWithin = 30 * time.Second

func (r *run) openLog(p place) (endingLog, error) {
	if r.Stores.EventStore == "" {
		return sqlitelog.Open(filepath.Join(p.dir, r.Layout.Log), sqlitelog.Options{})
	}
	ctx, cancel := context.WithTimeout(r.ctx, storeWithin)
	defer cancel()
	return esdblog.Open(ctx, r.Stores.EventStore, esdblog.Options{Prefix: p.prefix()})
}

// filled makes a place whose log has streams.
func (r *run) filled(groups ...[]*stream) (p place, err error) {
	if p, err = r.place(); err != nil {
		return p, err
	}
	log, err := r.openLog(p)
	if err != nil {
		return p, err
	}
	err = seed(r.ctx, log, groups...)
	return p, errors.Join(err, log.Close())
}

// seeded makes a place whose log has streams and starts the program there.
func (r *run) seeded(groups ...[]*stream) (p place, server *child, err error) {
	if p, err = r.filled(groups...); err != nil {
		return p, nil, err
	}
	server, err = r.serveReady(p)
	return p, server, err
}

// forgetModels leaves a place as it was before its read models were built.
func (r *run) forgetModels(p place) error {
	return errors.Join(os.RemoveAll(filepath.Join(p.dir, r.Layout.Models)), r.Stores.drop(r.ctx, p.name))
}

// discard removes a place that is not needed any more, but for its streams in an
// event store, which deletes nothing for us.
func (r *run) discard(p place) { r.remove(p.dir, p.name) }

// leave removes all places, those too that a failure has left.
func (r *run) leave() { r.remove(r.root, r.name) }

func (r *run) remove(dir, schemas string) {
	if r.Keep {
		return
	}
	if err := errors.Join(os.RemoveAll(dir), r.Stores.drop(r.ctx, schemas)); err != nil {
		r.say("left behind: %s, and schemas that begin with %s: %v", dir, schemas, err)
	}
}

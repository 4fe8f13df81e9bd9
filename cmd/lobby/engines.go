package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"

	"lobby.example/domain/catalogue"
	"lobby.example/eventlog"
	"lobby.example/eventlog/esdblog"
	"lobby.example/eventlog/sqlitelog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres"
	"lobby.example/readmodel/sqlitemodel"
)

// engines are the settings of where the log and the read models are kept, when
// they are not in the data directory, and of what this process does about them.
type engines struct {
	eventStore string // connection string; the embedded log where empty
	prefix     string // of the streams there
	postgres   string // URL; SQLite in the data directory where empty
	schema     string // there
	role       string
}

// What a process does, where several share a log and its read models. Whatever
// the role, it may be there more than once: one at a time projects, and one at a
// time delivers.
const (
	roleAll       = "all"       // everything
	roleAPI       = "api"       // answers requests
	roleProjector = "projector" // everything, too: the one to name where others only answer
)

func (e *engines) flags(f *pflag.FlagSet) {
	f.StringVar(&e.eventStore, "eventstore", "", "EventStoreDB or KurrentDB that keeps the log, like esdb://user:password@one:2113,two:2113,three:2113 (default the log in --data)")
	f.StringVar(&e.prefix, "eventstore-prefix", "", "what the names of the streams there begin with, where others share it")
	f.StringVar(&e.postgres, "postgres", "", "PostgreSQL that keeps the read models, like postgres://user:password@host/database (default SQLite in --data)")
	f.StringVar(&e.schema, "postgres-schema", "lobby", "what the names of the schemas there begin with")
	f.StringVar(&e.role, "role", roleAll, "what this process does: all; api, which only answers requests; or projector, which is all under the name that it has beside those. The last two need --eventstore and --postgres")
}

func (e engines) check() error {
	switch e.role {
	case roleAll, "":
		return nil
	case roleAPI, roleProjector:
		if e.eventStore == "" || e.postgres == "" {
			return fmt.Errorf("--role %s is for a log and read models that others share: give --eventstore and --postgres", e.role)
		}
		return nil
	}
	return fmt.Errorf("--role is all, api or projector, not %q", e.role)
}

// works reports whether the process does what nobody asks for.
func (e engines) works() bool { return e.role != roleAPI }

// eventLog is a log that ends.
type eventLog interface {
	eventlog.Log
	Close() error
}

// openLog opens the log that the settings name.
func (p *program) openLog(ctx context.Context, s settings) (err error) {
	options := esdblog.Options{Categories: catalogue.Categories(), Prefix: s.engines.prefix, Logger: p.logger}
	if s.engines.eventStore == "" {
		p.log, err = sqlitelog.Open(filepath.Join(s.data, logFile), sqlitelog.Options{Categories: catalogue.Categories()})
	} else if p.log, err = esdblog.Open(ctx, s.engines.eventStore, options); err == nil && s.engines.postgres == "" {
		p.logger.Info("the log may be shared, the read models of this process are its own")
	}
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	p.closed = append(p.closed, p.log.Close)
	return nil
}

// openModels opens the engine of the read models that the settings name.
func (p *program) openModels(ctx context.Context, s settings) (err error) {
	if s.engines.postgres == "" {
		p.engine, err = sqlitemodel.Open(filepath.Join(s.data, modelDir), sqlitemodel.Options{})
	} else {
		p.engine, err = postgres.Open(ctx, s.engines.postgres, postgres.Options{Schema: s.engines.schema})
	}
	if err != nil {
		return fmt.Errorf("open the read models: %w", err)
	}
	p.closed = append(p.closed, p.engine.Close)
	return nil
}

func (e engines) projectionRole() projections.Role {
	if e.works() {
		return projections.All
	}
	return projections.Reader
}

// elect waits to be the one process that delivers, where several share the read
// models. The context that it answers with ends when that is lost.
func elect(ctx context.Context, engine readmodel.Shared) (context.Context, func(), error) {
	ownership, err := engine.Own(ctx, "delivery")
	if err != nil {
		return nil, nil, err
	}
	elected, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		select {
		case <-ownership.Lost():
		case <-elected.Done():
		}
	}()
	return elected, func() { cancel(); ownership.Release() }, nil
}

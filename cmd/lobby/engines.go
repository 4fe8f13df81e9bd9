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
)

// engines are the settings of where the log is kept, when it is not in the data
// directory.
type engines struct {
	eventStore string // connection string; the embedded log where empty
	prefix     string // of the streams there
}

func (e *engines) flags(f *pflag.FlagSet) {
	f.StringVar(&e.eventStore, "eventstore", "", "EventStoreDB or KurrentDB that keeps the log, like esdb://user:password@one:2113,two:2113,three:2113 (default the log in --data)")
	f.StringVar(&e.prefix, "eventstore-prefix", "", "what the names of the streams there begin with, where others share it")
}

// eventLog is a log that ends.
type eventLog interface {
	eventlog.Log
	Close() error
}

// openLog opens the log that the settings name.
func (p *program) openLog(ctx context.Context, s settings) (err error) {
	if s.engines.eventStore == "" {
		p.log, err = sqlitelog.Open(filepath.Join(s.data, logFile), sqlitelog.Options{Categories: catalogue.Categories()})
	} else {
		p.log, err = esdblog.Open(ctx, s.engines.eventStore, esdblog.Options{Categories: catalogue.Categories(), Prefix: s.engines.prefix, Logger: p.logger})
	}
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	p.closed = append(p.closed, p.log.Close)
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"lobby.example/blobs"
	"lobby.example/commands"
	"lobby.example/delivery"
	"lobby.example/delivery/hook"
	"lobby.example/delivery/queue"
	"lobby.example/httpapi"
	"lobby.example/projections"
	"lobby.example/readapi"
	"lobby.example/readmodel"
)

// settings are what a program is opened with.
type settings struct {
	data    string
	trust   httpapi.Trust // the data directory's own key where it names none
	rebuild bool
	files   string // URL of the store of files; a directory in data where empty
	most    int64  // bytes of one file; the default of commands where 0
	engines engines
	outward outward
	esdb    eventStore
	logger  *slog.Logger
}

// program is everything of one process, wired together.
type program struct {
	log       eventLog
	snapshots *commands.SnapshotFile
	commands  *commands.Service
	files     *blobs.Store
	engine    readmodel.Engine
	model     *projections.Runner
	api       *httpapi.API
	logger    *slog.Logger

	tokens      *httpapi.Verifier
	eventStore  net.Addr     // where clients of EventStoreDB read the log; nil where none do
	store       *queue.Store // of delivery
	hook        *hook.Client
	unsubscribe *delivery.Unsubscribe
	delivery    *delivery.Delivery

	stop       context.CancelFunc // of what goes on in the background
	background sync.WaitGroup
	closed     []func() error // in the order of opening
}

// apiVersion is that of the API, as its paths have it. The program has its own.
const apiVersion = "1"

// The files of a data directory.
const (
	logFile      = "log.sqlite"
	snapshotFile = "snapshots.sqlite"
	modelDir     = "models"
	fileDir      = "files"
	deliveryFile = "delivery.sqlite"
	keyFile      = "key.pem"
)

// buildPatience is how long opening waits for read models that have to be built.
// Longer ones go on while queries are answered with 503.
const buildPatience = time.Second

// collectLater lets the heap grow to four times what is in use before it is
// collected, unless GOGC says otherwise. What is in use is small, mostly bounded
// caches, while a rebuild makes garbage at a rate that would otherwise cost a
// fifth of it.
func collectLater() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
}

// waitBesides lets twice as many goroutines run as there are processors, unless
// GOMAXPROCS says otherwise. SQLite waits for the disk in system calls, and the
// runtime finds out only after a while that a goroutine does nothing else: with one
// place for each processor, a machine with two would have half of itself idle then.
func waitBesides() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.SetDefaultGOMAXPROCS() // a program may be opened twice in a process
		runtime.GOMAXPROCS(2 * runtime.GOMAXPROCS(0))
	}
}

// openProgram opens the data directory and wires the rooms. Whatever goes wrong,
// what was opened is closed again.
func openProgram(ctx context.Context, s settings) (p *program, err error) {
	collectLater()
	waitBesides()
	p = &program{logger: s.logger}
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx)) // what goes on in the background ends with Close
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if err := makeDirectory(s.data); err != nil {
		return p, err
	}
	if err := p.openLog(ctx, s); err != nil {
		return p, err
	}
	if p.snapshots, err = commands.OpenSnapshots(filepath.Join(s.data, snapshotFile), s.logger); err != nil {
		return p, err
	}
	p.closed = append(p.closed, p.snapshots.Close)
	if s.files == "" {
		if s.files, err = blobs.FileURL(filepath.Join(s.data, fileDir)); err != nil {
			return p, err
		}
	}
	if p.files, err = blobs.Open(ctx, s.files); err != nil {
		return p, err
	}
	p.closed = append(p.closed, p.files.Close)
	options, err := p.openStore(ctx, s)
	if err != nil {
		return p, err
	}
	options.Snapshots, options.Files, options.MaxFileBytes, options.Logger = p.snapshots, p.files, s.most, s.logger
	p.commands = commands.New(p.log, options)

	if err := p.openModels(ctx, s); err != nil {
		return p, err
	}
	answers := readapi.NewAnswers()
	p.model, err = projections.Start(ctx, p.log, p.engine, projections.Options{
		Rebuild:  s.rebuild,
		Role:     s.engines.projectionRole(),
		OnCommit: func(c projections.Commit) { answers.Committed(c.Touched, c.All) },
		Logger:   s.logger,
	})
	if err != nil {
		return p, err
	}
	p.closed = append(p.closed, p.model.Close)
	select { // a new or small log takes no time: whoever comes first finds it served
	case <-p.model.Serving():
	case <-time.After(buildPatience):
	}

	if s.trust.JWKS == "" && s.trust.KeyFile == "" {
		s.trust.KeyFile = filepath.Join(s.data, keyFile)
		if _, err := openKey(s.data); err != nil {
			return p, err
		}
	}
	s.trust.Log = s.logger
	if p.tokens, err = httpapi.NewVerifier(ctx, s.trust); err != nil {
		return p, err
	}
	p.api = httpapi.New(httpapi.Options{Version: apiVersion, Tokens: p.tokens, Log: s.logger})
	p.commands.Register(p.api)
	readapi.New(p.model, answers, readapi.Options{Files: p.files, Head: p.log.Head, Logger: s.logger}).Register(p.api)
	if s.engines.works() {
		if err := p.deliver(ctx, s); err != nil {
			return p, err
		}
		p.background.Go(func() { p.expireLeases(ctx) })
		p.background.Go(func() { p.sweepFiles(ctx) })
	}
	observe(p)
	if err := p.serveEventStore(s.esdb); err != nil {
		return p, err
	}
	return p, nil
}

// makeDirectory makes a data directory that only its owner can look into.
func makeDirectory(data string) error { return os.MkdirAll(data, 0o700) }

// Close stops everything, the newest first.
func (p *program) Close() error {
	p.stop()
	p.background.Wait()
	var errs []error
	for len(p.closed) > 0 {
		last := len(p.closed) - 1
		errs = append(errs, p.closed[last]())
		p.closed = p.closed[:last]
	}
	return errors.Join(errs...)
}

// shutdownTimeout bounds how long requests may take to finish.
const shutdownTimeout = 10 * time.Second

// serve answers requests until the context ends, then lets those that have begun
// finish.
func (p *program) serve(ctx context.Context, listener net.Listener) error {
	server := p.api.Server()
	server.Handler = p.measured(server.Handler)
	server.ErrorLog = slog.NewLogLogger(p.logger.Handler(), slog.LevelWarn)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := server.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("requests did not finish within %s: %w", shutdownTimeout, err)
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

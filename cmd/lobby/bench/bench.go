// Package bench measures the program as its users meet it: it starts the program
// itself as a child process on a fresh data directory, drives it over HTTP, and
// in the same run measures what bounds it, the disk's fdatasync and a bare
// net/http server. The log and the read models may be elsewhere; only place.go and
// stores.go know where.
//
// It promises that every answer is checked, that one wrong answer fails the run,
// and that in the end as much is unread as was sent. Machines are noisy, so what
// it reports are medians over rounds, and ratios to an echo that was measured
// right before, on the same connections. It never measures inside the program,
// and never runs as part of a test's verdict on speed.
package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"lobby.example/httpapi"
)

// Steps are the names of what can be measured, in order.
var Steps = []string{"send", "hot", "inbox", "messages", "unread", "me", "writing", "visible", "idle", "rebuild", "startup", "cold",
	"publish", "board", "search", "comment", "open", "files"}

// Run measures. On an error there is no report: figures of a server that answered
// wrongly mean nothing.
func Run(ctx context.Context, options Options) (report *Report, err error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // the generator shares the processors with what it measures
	root, err := workIn(options.Data)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{Options: options, ctx: ctx, root: root, name: fmt.Sprintf("bench_%08x", rand.Uint32()), report: newReport(options)}
	if options.Keep {
		fmt.Fprintf(options.Progress, "data directories are in %s; streams and schemas elsewhere begin with %s\n", root, r.name)
	}
	defer r.leave()
	if r.echo, err = r.start(options.Program, nil, "bench", "echo-server"); err != nil {
		return nil, err
	}
	defer r.echo.stop()
	for _, part := range []struct {
		steps   []string
		measure func(*run) error
	}{
		{[]string{"send", "hot"}, (*run).sends},
		{[]string{"inbox", "messages", "unread", "me", "writing"}, (*run).reads},
		{[]string{"visible"}, (*run).visible},
		{[]string{"idle"}, (*run).idle},
		{[]string{"rebuild", "startup"}, (*run).rebuilds},
		{[]string{"cold"}, (*run).cold},
		{[]string{"publish", "board", "search", "comment"}, (*run).boards},
		{[]string{"open"}, (*run).opens},
		{[]string{"files"}, (*run).files},
	} {
		if !r.wants(part.steps...) {
			continue
		}
		if err := part.measure(r); ctx.Err() != nil {
			return nil, fmt.Errorf("bench: %w", ctx.Err())
		} else if err != nil {
			return nil, fmt.Errorf("bench: %s: %w", part.steps[0], err)
		}
	}
	r.report.finish(r.Stores.bars())
	return r.report, nil
}

// run is one run of the bench.
type run struct {
	Options
	ctx    context.Context
	root   string // holds the data directories
	name   string // begins the names of what is elsewhere
	echo   *child
	report *Report
	places int
}

// workIn makes the directory that holds everything of a run.
func workIn(data string) (string, error) {
	if data != "" {
		if err := os.MkdirAll(data, 0o700); err != nil {
			return "", err
		}
	}
	return os.MkdirTemp(data, "lobby-bench-")
}

// wants reports whether one of the steps was asked for.
func (r *run) wants(steps ...string) bool {
	return len(r.Steps) == 0 || slices.ContainsFunc(steps, func(s string) bool { return slices.Contains(r.Steps, s) })
}

// say tells people what begins, and when.
func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.Progress, "%4.0f s  %s\n", time.Since(r.report.Began).Seconds(), fmt.Sprintf(format, args...))
}

// most is the largest number of clients.
func (r *run) most() int { return slices.Max(r.Clients) }

// tokens mints tokens with the key of a place.
func (r *run) tokens(p place) (func(httpapi.Caller) string, error) {
	key, err := httpapi.OpenKey(filepath.Join(p.dir, r.Layout.Key))
	return func(caller httpapi.Caller) string {
		token, err := key.Mint(caller, time.Now(), 24*time.Hour)
		if err != nil {
			panic(err) // a day is long enough for a token
		}
		return token
	}, err
}

func machine() string {
	return fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}

// Package bench measures the program as its users meet it: it starts the program
// itself as a child process on a fresh data directory, drives it over HTTP, and
// in the same run measures what bounds it, the disk's fdatasync and a bare
// net/http server.
//
// It promises that every answer is checked, that one wrong answer fails the run,
// and that in the end as much is unread as was sent. Machines are noisy, so what
// it reports are medians over rounds, and ratios to an echo that was measured
// right before, on the same connections. It never measures inside the program,
// and never runs as part of a test's verdict on speed.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"lobby.example/httpapi"
)

// Options say what is measured and for how long.
type Options struct {
	Program  string        // the binary that serves, and echoes as "bench echo-server"
	Layout   Layout        // of its data directory
	Data     string        // where to work; the system's directory for temporary files where empty
	Keep     bool          // what was made there is not removed
	Steps    []string      // of Steps; all where empty
	Clients  []int         // how many at once, one connection each
	Duration time.Duration // of one step in one round
	Rounds   int           // the median of which is reported
	Quick    bool          // noted in the report: the sizes are smaller than the bars ask for
	Profile  string        // directory for a CPU profile of each step; none where empty
	Seed     Seed
	Progress io.Writer // a line for each part that begins
}

// Layout names the files of a data directory that are made before the program
// starts.
type Layout struct{ Log, Models, Key string }

// Seed is how much is there before anything is measured.
type Seed struct {
	People   int // registered
	Channels int // of the busiest of them; there are as many channels as people
	Messages int // for the reads
	Events   int // for the rebuild and the start
	Cold     int // messages of a large cold channel, a fifth of them unseen in one kind
	Text     int // bytes of a message, on average
}

// Steps are the names of what can be measured, in order.
var Steps = []string{"send", "hot", "inbox", "messages", "unread", "me", "writing", "visible", "idle", "rebuild", "startup", "cold"}

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
	if options.Keep {
		fmt.Fprintln(options.Progress, "data directories are in", root)
	} else {
		defer os.RemoveAll(root)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{Options: options, ctx: ctx, root: root, report: newReport(options)}
	if r.echo, err = r.start(options.Program, "bench", "echo-server"); err != nil {
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
	r.report.finish()
	return r.report, nil
}

// check refuses what could not be measured.
func (o *Options) check() error {
	for _, s := range o.Steps {
		if !slices.Contains(Steps, s) {
			return fmt.Errorf("bench: no step %q", s)
		}
	}
	s := o.Seed
	switch {
	case len(o.Clients) == 0 || slices.Min(o.Clients) < 1 || slices.Max(o.Clients) > 1000:
		return errors.New("bench: 1 to 1000 clients can be had")
	case o.Rounds < 1 || o.Duration < 50*time.Millisecond:
		return errors.New("bench: a run has 1 round at least, of 50 ms a step at least")
	case s.People < 10 || s.Channels < 1 || s.Channels > s.People-2 || s.Text < 1:
		return errors.New("bench: a seed has 10 people at least, and more of them than channels of the busiest")
	case s.Messages < pageRows*s.People:
		return fmt.Errorf("bench: a seed has %d messages a person at least, to fill a page", pageRows)
	case s.Events < 200*s.People:
		return errors.New("bench: a seed has 200 events a person at least")
	case s.Cold < 1000:
		return errors.New("bench: a large cold channel has 1000 messages at least")
	}
	return nil
}

// run is one run of the bench.
type run struct {
	Options
	ctx    context.Context
	root   string
	echo   *child
	report *Report
	dirs   int
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

// directory makes a fresh data directory.
func (r *run) directory() (string, error) {
	r.dirs++
	dir := filepath.Join(r.root, fmt.Sprintf("data-%d", r.dirs))
	return dir, os.Mkdir(dir, 0o700)
}

// discard removes a data directory that is not needed any more.
func (r *run) discard(dir string) {
	if !r.Keep {
		os.RemoveAll(dir)
	}
}

// tokens mints tokens with the key of a data directory.
func (r *run) tokens(dir string) (func(httpapi.Caller) string, error) {
	key, err := httpapi.OpenKey(filepath.Join(dir, r.Layout.Key))
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

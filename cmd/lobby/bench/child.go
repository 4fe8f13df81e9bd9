package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

// child is a server in a process of its own, so that what it costs can be told
// from what the generator costs.
type child struct {
	command *exec.Cmd
	base    string // http://127.0.0.1:port
	debug   string // the same of its profiles, if it serves them
	began   time.Time
	stderr  *tail
	drained chan struct{}
	stopped sync.Once
	err     error
}

// stopTimeout bounds how long a child may take to stop; it may have much to write.
const stopTimeout = time.Minute

var address = regexp.MustCompile(`http://[0-9.]+:[0-9]+`)

// start runs a program with these settings in its environment and waits for the
// first line that it prints, which names its address. The context of the run ends it.
func (r *run) start(program string, settings []string, args ...string) (*child, error) {
	c := &child{command: exec.CommandContext(r.ctx, program, args...), stderr: new(tail), drained: make(chan struct{})}
	c.command.Env = append(withoutSettings(os.Environ()), settings...)
	c.command.Stderr = c.stderr
	c.command.Cancel = func() error { return interrupt(c.command.Process) }
	c.command.WaitDelay = stopTimeout
	out, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.began = time.Now()
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	line, _ := lines.ReadString('\n')
	go func() {
		io.Copy(io.Discard, lines)
		close(c.drained)
	}()
	if c.base = address.FindString(line); c.base == "" {
		return nil, errors.Join(fmt.Errorf("%s did not start: %q", strings.Join(c.command.Args, " "), line), c.stop())
	}
	return c, nil
}

// serve starts the program at a place.
func (r *run) serve(p place, flags ...string) (*child, error) {
	return r.start(r.Program, r.settings(p), append([]string{"serve", "--data", p.dir, "--listen", "127.0.0.1:0", "--log-level", "warn"}, flags...)...)
}

// stop ends the child as Ctrl-C does and waits for it. A child that complains on
// its way has failed.
func (c *child) stop() error {
	c.stopped.Do(func() {
		interrupt(c.command.Process)
		<-c.drained
		c.err = c.command.Wait()
		if errors.Is(c.err, context.Canceled) {
			c.err = nil
		}
		if text := c.stderr.String(); text != "" {
			c.err = errors.Join(c.err, fmt.Errorf("the server says: %s", text))
		}
	})
	return c.err
}

func (c *child) pid() int { return c.command.Process.Pid }

// withoutSettings keeps the settings of another server out of the child.
func withoutSettings(env []string) (kept []string) {
	for _, e := range env {
		if !strings.HasPrefix(e, "LOBBY_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// tail keeps the last of what is written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailBytes = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-tailBytes):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.last))
}

package esdbserver

import (
	"context"
	"sync"

	"lobby.example/eventlog"
)

// commits tells subscriptions to streams that something was committed. However
// many there are, it follows the log once, and only while there is one.
type commits struct {
	log     eventlog.Log
	mu      sync.Mutex
	current *watch // of those who watch now; nil when there is nobody
}

// watch follows the log for everybody who joined it.
type watch struct {
	watchers int
	cancel   context.CancelFunc
	stopped  chan struct{}

	mu      sync.Mutex
	changed chan struct{} // closed at the next commit, or when following failed
	err     error
}

// join watches from now on: what is committed after it, next tells. The one who
// joined must leave.
func (c *commits) join(ctx context.Context) (*watch, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil {
		c.current.watchers++
		return c.current, nil
	}
	head, err := c.log.Head(ctx)
	if err != nil {
		return nil, err
	}
	following, cancel := context.WithCancel(context.Background())
	w := &watch{watchers: 1, cancel: cancel, stopped: make(chan struct{}), changed: make(chan struct{})}
	go w.follow(following, c.log, head)
	c.current = w
	return w, nil
}

// leave ends the watch with the last one who leaves.
func (c *commits) leave(w *watch) {
	c.mu.Lock()
	w.watchers--
	last := w.watchers == 0
	if last {
		c.current = nil
	}
	c.mu.Unlock()
	if last {
		w.cancel()
		<-w.stopped
	}
}

func (w *watch) follow(ctx context.Context, log eventlog.Log, after eventlog.Position) {
	defer close(w.stopped)
	for _, err := range log.Follow(ctx, after) {
		w.mu.Lock()
		w.err = err
		close(w.changed)
		if err == nil {
			w.changed = make(chan struct{})
		}
		w.mu.Unlock()
	}
}

// next is closed at the next commit. It fails once the log cannot be followed.
func (w *watch) next() (<-chan struct{}, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed, w.err
}

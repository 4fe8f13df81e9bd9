package esdblog

import (
	"context"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
)

// pump takes from a subscription, in a goroutine of its own, what comes, until
// there is a batch of it that nobody has taken yet. While the receiver looks at one
// batch the next one gathers, so that batches are small when little comes and
// large when much does.
type pump struct {
	l     *Log
	ctx   context.Context
	full  chan struct{} // has one element when there is something to take
	space chan struct{} // and here when something was taken

	mu  sync.Mutex
	got pumped
	err error // what ended it
}

type pumped struct {
	events  []eventlog.Recorded
	bytes   int
	through eventlog.Position
	live    bool // everything that was committed has come
}

func (l *Log) pump(ctx context.Context, after eventlog.Position) *pump {
	p := &pump{l: l, ctx: ctx, full: make(chan struct{}, 1), space: make(chan struct{}, 1)}
	p.got.through = after
	go func() { p.end(p.run(after)) }()
	return p
}

// take waits for something new, and answers with the error that ended the pump
// together with the last that came.
func (p *pump) take() (pumped, error) {
	select {
	case <-p.full:
	case <-p.ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got.events, p.got.bytes = nil, 0
	notify(p.space)
	return got, p.err
}

func (p *pump) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
	notify(p.full)
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run subscribes, and pumps until the subscription drops.
func (p *pump) run(after eventlog.Position) error {
	u, err := p.l.clients.acquire(p.ctx)
	if err != nil {
		return err
	}
	defer p.l.clients.leave()
	done := make(chan error, 1)
	confirmed := make(chan struct{})
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	go func() {
		defer p.l.clients.release(u)
		err := error(errRetired)
		if !p.l.clients.isRetired(u) {
			err = p.subscribe(ctx, u.client, after, confirmed)
		}
		done <- err
	}()
	t := time.NewTimer(p.l.options.Deadline)
	defer t.Stop()
	select {
	case err = <-done:
	case <-confirmed:
		err = <-done
	case <-p.ctx.Done():
		return p.ctx.Err()
	case <-t.C: // a subscription has no deadline, but its beginning has
		cancel()
		if err = answer(ctx, done); err == nil || status.Code(err) == codes.Canceled {
			err = context.DeadlineExceeded
		}
	}
	if p.ctx.Err() == nil && lost(err) {
		p.l.clients.retire(u)
	}
	return err
}

func (p *pump) subscribe(ctx context.Context, c *esdb.Client, after eventlog.Position, confirmed chan<- struct{}) error {
	end, err := p.l.locate(ctx, c, after)
	if err != nil {
		return err
	}
	s, err := c.SubscribeToAll(ctx, p.l.subscribe(p.l.start(after)))
	if err != nil {
		return err
	}
	defer s.Close()
	close(confirmed)
	for live := false; ; {
		e := s.Recv()
		if e.SubscriptionDropped != nil {
			return e.SubscriptionDropped.Error
		}
		switch {
		case e.CaughtUp != nil:
			live = true
		case e.FellBehind != nil:
			live = false
		case e.CheckPointReached != nil && !live && p.l.at(*e.CheckPointReached).Compare(end) > 0:
			// While catching up, a checkpoint may be in the middle of nothing after the
			// last event, and would be refused later as beyond the head.
			e.CheckPointReached = &esdb.Position{Commit: end.Commit(), Prepare: end.Prepare()}
		}
		if err := p.put(e, live); err != nil {
			return err
		}
	}
}

func (p *pump) put(e *esdb.SubscriptionEvent, live bool) error {
	p.mu.Lock()
	for len(p.got.events) >= p.l.options.BatchEvents || p.got.bytes >= pageBytes {
		p.mu.Unlock()
		select {
		case <-p.space:
		case <-p.ctx.Done():
			return p.ctx.Err()
		}
		p.mu.Lock()
	}
	defer p.mu.Unlock()
	p.got.live = live
	switch {
	case e.CheckPointReached != nil:
		p.got.through = p.l.later(p.got.through, *e.CheckPointReached)
	case e.EventAppeared != nil:
		original := e.EventAppeared.OriginalEvent()
		recorded, seen, err := p.l.see(original)
		if err != nil {
			return err
		}
		if seen {
			p.got.events = append(p.got.events, recorded)
			p.got.bytes += len(recorded.Data) + len(recorded.Metadata)
		}
		p.got.through = p.l.later(p.got.through, original.Position)
	}
	notify(p.full)
	return nil
}

package projections

import (
	"context"
	"time"

	"lobby.example/eventlog"
)

// arrival is a batch that came from the log.
type arrival struct {
	at       time.Time
	through  eventlog.Position
	caughtUp bool
}

func (p *pipeline) update(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

// arrived notes that a batch is to be committed.
func (p *pipeline) arrived(batch eventlog.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pending = append(p.pending, arrival{time.Now(), batch.Through, batch.CaughtUp})
	if len(batch.Events) > 0 {
		p.noteWaiting()
	}
}

// noteWaiting notes that something is not committed, if that is not noted yet.
func (p *pipeline) noteWaiting() {
	if p.waiting.IsZero() {
		p.waiting = time.Now()
	}
}

// committed notes up to where everything is. With a batch that had caught up, all
// that there was when it came is visible; what waits, came later.
func (p *pipeline) committed(position eventlog.Position) {
	if p.position != position {
		p.position, p.failed = position, nil // where it had stopped, somebody could go on
	}
	p.broken = nil
	for len(p.pending) > 0 && p.pending[0].through.Compare(position) <= 0 {
		caughtUp := p.pending[0].caughtUp
		p.pending = p.pending[1:]
		if !caughtUp {
			continue
		}
		p.waiting = time.Time{}
		if len(p.pending) > 0 {
			p.waiting = p.pending[0].at
		}
	}
}

// at tells what is committed, and gives a channel that closes when that changes.
func (p *pipeline) at() (eventlog.Position, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.position, p.changed
}

// behind is for how long something has been waiting to be committed.
func (p *pipeline) behind() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting.IsZero() {
		return 0
	}
	return max(0, time.Since(p.waiting))
}

// reach blocks until the pipeline has committed up to the position.
func (p *pipeline) reach(ctx context.Context, position eventlog.Position) error {
	for {
		p.mu.Lock()
		at, failed, changed := p.position, p.failed, p.changed
		p.mu.Unlock()
		if at.Compare(position) >= 0 {
			return nil
		}
		if failed != nil {
			return failed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// heard notes what another process has committed. What was heard late counts for
// nothing, unless it is known to be how things are exactly.
func (p *pipeline) heard(position eventlog.Position, exactly bool) {
	p.update(func() {
		if position == p.position || !exactly && position.Compare(p.position) < 0 {
			return
		}
		p.tell(Commit{Position: position, All: true})
		p.committed(position)
	})
}

// missing compares with the head of the log, and answers for how long something
// has been missing.
func (p *pipeline) missing(head eventlog.Position, err error) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch n := len(p.pending); {
	case err != nil: // something may be
		p.noteWaiting()
	case p.position.Compare(head) >= 0:
		p.waiting, p.pending = time.Time{}, nil
	case n == 0 || p.pending[n-1].through.Compare(head) < 0:
		if n == maxArrivals {
			p.pending = p.pending[:n-1]
		}
		p.pending = append(p.pending, arrival{time.Now(), head, true})
		p.noteWaiting()
	}
	if p.waiting.IsZero() {
		return 0
	}
	return time.Since(p.waiting)
}

// maxArrivals bounds what a process that reads remembers of what is missing.
const maxArrivals = 100

// handOver is for when another process goes on with the build.
func (p *pipeline) handOver() {
	p.update(func() {
		p.pending, p.broken = nil, nil // of this process; missing notes anew what is not there
		if !final(p.failed) {
			p.failed = nil
		}
	})
}

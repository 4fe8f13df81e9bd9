package projections

import (
	"context"
	"time"

	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

const (
	// liveOperations bounds one transaction of a build that is read, so that
	// nobody waits long for the next.
	liveOperations = 4_000
	// fillOperations bounds one transaction of a build that is only filled: the
	// larger it is, the more is coalesced.
	fillOperations = 60_000
	// busyEvents in one transaction show that there are many writers, and
	// linger is how long one that follows at once then waits for more.
	busyEvents = 8
	linger     = 3 * time.Millisecond
)

// prepared is projected and not yet written.
type prepared struct {
	changes
	events   int
	through  readmodel.Checkpoint
	position eventlog.Position
	caughtUp bool
}

// write commits whatever is ready, as one transaction within the bound. It writes
// at once what comes alone; while events come in numbers it waits a moment for
// more, since most of a small transaction's cost is pages that the next one
// writes again.
func (p *pipeline) write(ctx context.Context, from readmodel.Checkpoint, ready <-chan prepared) error {
	var busy time.Time // when the last transaction of many was committed
	for next := range ready {
		if p.filling {
			p.gather(&next, ready, fillOperations, nil)
		} else {
			var until <-chan time.Time
			if time.Since(busy) < linger {
				until = time.After(linger)
			}
			p.gather(&next, ready, liveOperations, until)
		}
		if next.through != from {
			if err := p.apply(ctx, from, &next); err != nil {
				return err
			}
			from = next.through
		}
		p.update(func() {
			p.tell(Commit{Position: next.position, Touched: next.touched, All: next.all})
			p.committed(next.position)
		})
		if next.events >= busyEvents {
			busy = time.Now()
		}
	}
	return nil
}

// apply does not break off a write to a build that is filled, when enough of it
// is there: the store would be worth nothing then.
func (p *pipeline) apply(ctx context.Context, from readmodel.Checkpoint, next *prepared) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.filling {
		ctx = context.WithoutCancel(ctx)
	}
	return p.store.Apply(ctx, from, next.through, next.operations)
}

// gather merges what else is ready into one transaction, and what becomes ready
// until a moment, or until it has caught up where the build is only filled.
func (p *pipeline) gather(next *prepared, ready <-chan prepared, bound int, until <-chan time.Time) {
	for len(next.operations) < bound {
		if until == nil && (!p.filling || next.caughtUp) {
			select {
			case also, ok := <-ready:
				if !ok {
					return
				}
				next.merge(also)
			default:
				return
			}
			continue
		}
		select {
		case also, ok := <-ready:
			if !ok {
				return
			}
			next.merge(also)
		case <-until:
			return
		}
	}
}

// tell passes a commit on, where anybody reads the build.
func (p *pipeline) tell(c Commit) {
	if p.onCommit != nil {
		p.onCommit(c)
	}
}

func (b *prepared) merge(next prepared) {
	b.operations = append(b.operations, next.operations...)
	b.events += next.events
	for tag := range next.touched {
		b.touch(tag)
	}
	b.all = b.all || next.all
	b.through, b.position, b.caughtUp = next.through, next.position, next.caughtUp
}

package bench

import (
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	// openers is how many people open the app at once.
	openers = 8
	// lightly is how many messages are sent to them meanwhile, a second, and how often they open it.
	lightly = 40
	// usualPosts is how many posts are on the board of who is no tenant of the full one.
	usualPosts = 100
)

// opens measures what a client does when it starts: Me, Inbox, and the messages of
// the first channel, one after the other. People do so now and then, each right
// after a message has come for them, so that nothing that they ask is in memory;
// and next as often as the server lets them, while a few messages come in. Both
// also for tenants of a board that is full of posts, all unread.
func (r *run) opens() (err error) {
	usual := newHome(landlords, 1, min(usualPosts, r.Seed.Posts), r.Seed.Open, r.Seed.Text)
	full := newHome(landlords+1, usual.first+usual.people(), r.Seed.Posts, r.Seed.Open, r.Seed.Text)
	r.say("seed %d events for who opens the app", usual.events()+full.events())
	var groups [3][]*stream
	for _, h := range []*home{usual, full} {
		for i, group := range h.streams() {
			groups[i] = append(groups[i], group...)
		}
		for k := openers; k < h.people(); k++ {
			groups[0] = append(groups[0], registered(h.first+k))
		}
		for _, c := range h.channels {
			groups[2] = append(groups[2], c.stream())
		}
	}
	at, server, err := r.seeded(groups[:]...)
	if err != nil {
		return err
	}
	defer r.discard(at)
	defer func() { err = stopped(server, err) }()
	tokens, err := r.bearers(at, full.first+full.people())
	if err != nil {
		return err
	}
	usual.tokens, full.tokens = tokens, tokens
	for round := range r.Rounds {
		r.say("round %d of %d: open the app", round+1, r.Rounds)
		for _, h := range []*home{usual, full} {
			name := "open"
			if h == full {
				name += ", full board"
			}
			if err := r.open(server, h, name); err != nil {
				return err
			}
			if err := r.openAgain(server, h, name+" over and over"); err != nil {
				return err
			}
		}
	}
	return nil
}

// openAgain measures it over and over with a few messages coming in.
func (r *run) openAgain(server *child, h *home, name string) error {
	s := newSenders(server)
	defer s.close()
	var operations []operation
	for i := range openers {
		var commands []command
		for _, c := range h.of(i) {
			commands = append(commands, toChannel(c.name(), h.tokens[c.b]))
		}
		s.add(commands, nil)
		o := newOpener(server, h, i)
		defer o.close()
		operations = append(operations, o.open)
	}
	load := pace(r.ctx, s.operations, lightly)
	_, _, err := r.measure(step{name: name, server: server, operations: operations})
	rate, failed := load.stop()
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	r.report.row(name, openers).add("writes", "/s", rate)
	return nil
}

// open measures it now and then, each time right after a message.
func (r *run) open(server *child, h *home, name string) error {
	var mu sync.Mutex
	var took []time.Duration
	var operations []operation
	for i := range openers {
		o := newOpener(server, h, i)
		defer o.close()
		s := newSenders(server)
		defer s.close()
		c := h.of(i)[0]
		s.add([]command{toChannel(c.name(), h.tokens[c.b])}, nil)
		operations = append(operations, func() error {
			if err := s.operations[0](); err != nil {
				return err
			}
			if err := s.settle(h.tokens[c.b]); err != nil {
				return err
			}
			at := time.Now()
			if err := o.open(); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(at))
			return nil
		})
	}
	before, known := times(server)
	load := pace(r.ctx, operations, lightly)
	select {
	case <-time.After(2 * r.Duration):
	case <-r.ctx.Done():
	}
	if _, err := load.stop(); err != nil || len(took) == 0 {
		return errors.Join(err, r.ctx.Err())
	}
	after, _ := times(server)
	slices.Sort(took)
	row := r.report.row(name, openers)
	if known { // of a message as well
		row.add("cpu", "us/op", (after.server-before.server).Seconds()/float64(len(took))*1e6)
	}
	row.add("p50", "ms", milliseconds(percentile(took, 0.50)))
	row.add("p99", "ms", milliseconds(percentile(took, 0.99)))
	return r.profile(step{name: name, server: server, operations: operations})
}

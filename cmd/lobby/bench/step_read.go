package bench

import (
	"fmt"
	"slices"
)

// writesAtOnce is the load of SendMessage beside which reads are measured, a second.
const writesAtOnce = 500

// reads measures the queries of the busiest person, alone and while messages are
// sent to them: answers are kept until a commit touches them, so the second is
// what they cost when somebody writes all the time.
func (r *run) reads() (err error) {
	p := populate(r.Seed.People, r.Seed.Channels, r.Seed.Messages, r.Seed.Text)
	r.say("seed %d events for the reads", p.events())
	at, server, err := r.seeded(p.streams()...)
	if err != nil {
		return err
	}
	defer r.discard(at)
	defer func() { err = stopped(server, err) }()
	tokens, err := r.bearers(at, p.people)
	if err != nil {
		return err
	}
	if n, err := bubble(server, tokens[0]); err != nil {
		return err
	} else if n != p.waiting(0) {
		return fmt.Errorf("the busiest person has %d unread messages of %d seeded", n, p.waiting(0))
	}
	q := queries{server: server, token: tokens[0], population: p}
	for round := range r.Rounds {
		r.say("round %d of %d: reads", round+1, r.Rounds)
		if _, err := r.disk(); err != nil {
			return err
		}
		for _, name := range q.names() {
			for _, clients := range r.Clients {
				if !r.wants(name) {
					break
				}
				operations, done := q.operations(name, clients)
				_, _, err := r.measure(step{name: name, server: server, operations: operations})
				if done(); err != nil {
					return err
				}
			}
			if r.wants("writing") {
				if err := r.whileWriting(q, name, tokens); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// whileWriting measures a query with the most clients while others send to the
// person who asks, in all of the person's channels.
func (r *run) whileWriting(q queries, name string, tokens []string) error {
	w := newWriters(q, tokens)
	before, err := bubble(q.server, q.token)
	if err != nil {
		return err
	}
	load := pace(r.ctx, w.operations, writesAtOnce)
	operations, done := q.operations(name, r.most())
	name += " while writing"
	_, _, err = r.measure(step{name: name, server: q.server, operations: operations})
	done()
	rate, failed := load.stop()
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	r.report.row(name, r.most()).add("writes", "/s", rate)
	if err := w.settle(q.token); err != nil {
		return err
	}
	after, err := bubble(q.server, q.token)
	if sent := w.close(); err == nil && after-before != sent {
		err = fmt.Errorf("%d messages were sent to the busiest person, whose bubble went from %d to %d", sent, before, after)
	}
	if err != nil {
		return err
	}
	return w.see(q)
}

// writers send to one person, who sees everything in the end, so that each step
// begins with as much unread as the one before.
type writers struct {
	*senders
	sent [][]written
}

// written are the messages of one channel.
type written struct {
	channel  string
	messages []string
}

func newWriters(q queries, tokens []string) *writers {
	const clients = 8
	w := &writers{senders: newSenders(q.server), sent: make([][]written, clients)}
	for i := range clients {
		var channels []command
		for j := i; j < len(q.channels()); j += clients {
			c := q.channels()[j]
			channels = append(channels, toChannel(c.name(), tokens[c.b]))
			w.sent[i] = append(w.sent[i], written{channel: c.name()})
		}
		if len(channels) > 0 {
			w.add(channels, func(channel int, id string) {
				w.sent[i][channel].messages = append(w.sent[i][channel].messages, id)
			})
		}
	}
	return w
}

func (w *writers) see(q queries) error {
	c := newClient(q.server.base)
	defer c.close()
	for _, sent := range slices.Concat(w.sent...) {
		if err := markSeen(c, sent.channel, q.token, sent.messages); err != nil {
			return err
		}
	}
	return nil
}

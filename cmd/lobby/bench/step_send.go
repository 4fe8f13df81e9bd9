package bench

import (
	"fmt"
)

// sends measures SendMessage, each round on a fresh data directory: into many
// channels with each number of clients, and then all of them into one.
func (r *run) sends() error {
	for round := range r.Rounds {
		r.say("round %d of %d: send messages", round+1, r.Rounds)
		if err := r.sendRound(); err != nil {
			return err
		}
	}
	return nil
}

// friends is how many channels each sender has.
const friends = 4

// circle is as many senders as there are clients at most, as many receivers, and
// friends channels for each of them. Sender i is person i.
func circle(n, text int) *population {
	p := &population{people: 2 * n}
	for i := range n {
		for k := range friends {
			p.channels = append(p.channels, conversation(i, n+(i+k)%n, 10, 0, 10, text))
		}
	}
	return p
}

func (r *run) sendRound() (err error) {
	n := max(r.most(), friends)
	p := circle(n, r.Seed.Text)
	at, server, err := r.seeded(p.streams()...)
	if err != nil {
		return err
	}
	defer r.discard(at)
	defer func() { err = stopped(server, err) }()
	tokens, err := r.bearers(at, 2*n)
	if err != nil {
		return err
	}
	synced, err := r.disk()
	if err != nil {
		return err
	}
	sent := 0
	settle := func(s *senders) func() error { return func() error { return s.settle(tokens[0]) } }
	for _, clients := range r.Clients {
		if !r.wants("send") {
			break
		}
		s := newSenders(server)
		for i := range clients {
			s.toFriends(p, tokens, i)
		}
		e, m, err := r.measure(step{"send", server, s.operations, settle(s)})
		if err != nil {
			return err
		}
		if clients == 1 && r.Stores.disk() {
			over := percentile(m.took, 0.5).Seconds() - percentile(e.took, 0.5).Seconds() - synced
			r.report.row("send", 1).add("over echo and fdatasync", "ms", over*1e3)
		}
		sent += s.close()
	}
	for _, clients := range r.Clients {
		if !r.wants("hot") || clients == 1 {
			continue
		}
		s := newSenders(server)
		for range clients {
			s.add([]command{toChannel(p.channels[0].name(), tokens[0])}, nil)
		}
		if _, _, err := r.measure(step{"hot", server, s.operations, settle(s)}); err != nil {
			return err
		}
		sent += s.close()
	}
	return checkUnread(server, tokens[n:], sent)
}

// toFriends adds a sender of a circle that writes to its friends in turn.
func (s *senders) toFriends(p *population, tokens []string, i int) {
	var channels []command
	for _, c := range p.channels[i*friends : (i+1)*friends] {
		channels = append(channels, toChannel(c.name(), tokens[i]))
	}
	s.add(channels, nil)
}

// checkUnread compares what the receivers have not seen with what was sent.
func checkUnread(server *child, receivers []string, sent int) error {
	sum := 0
	for _, token := range receivers {
		n, err := bubble(server, token)
		if err != nil {
			return err
		}
		sum += n
	}
	if sum != sent {
		return fmt.Errorf("%d messages were sent and %d are unread", sent, sum)
	}
	return nil
}

// stopped stops a server after what was done with it.
func stopped(server *child, err error) error {
	if stop := server.stop(); err == nil {
		err = stop
	}
	return err
}

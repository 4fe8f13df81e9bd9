package bench

// visible measures the time from a SendMessage's answer until the other person's
// UnreadCounts shows the message: with a read that waits for the position, and
// with a client that polls by ETag. First with nothing else going on, then at
// half of the rate that SendMessage reaches with the most clients.
func (r *run) visible() (err error) {
	n := max(r.most(), friends)
	p := circle(n, r.Seed.Text)
	p.people += 2
	p.channels = append(p.channels, conversation(2*n, 2*n+1, 10, 0, 10, r.Seed.Text))
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
	s := newSenders(server)
	for i := range r.most() {
		s.toFriends(p, tokens, i)
	}
	top, err := r.topRate(s)
	if err != nil {
		return err
	}
	watched := newProbe(server, p.channels[len(p.channels)-1].name(), tokens[2*n], tokens[2*n+1])
	defer watched.close()
	for round := range r.Rounds {
		r.say("round %d of %d: from acknowledged to visible", round+1, r.Rounds)
		if err := r.probe(watched, "visible"); err != nil {
			return err
		}
		load := pace(r.ctx, s.operations, top/2)
		err := r.probe(watched, "visible under load")
		rate, failed := load.stop()
		if err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
		r.report.row("visible under load", 0).add("load", "/s", rate)
	}
	if err := s.settle(tokens[0]); err != nil {
		return err
	}
	return checkUnread(server, tokens[n:2*n], s.close())
}

// topRate is what was measured in this run already, or else measured now.
func (r *run) topRate(s *senders) (float64, error) {
	if row := r.report.find("send", r.most()); row != nil {
		return median(row.figure("rate").values), nil
	}
	m, err := drive(r.ctx, s.operations, r.Duration)
	return m.rate(), err
}

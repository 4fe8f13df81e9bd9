package bench

import (
	"errors"
	"fmt"
	"time"
)

// rebuilds measures how the read models are built from a log that has none, with
// all of the seeded events and with a quarter of them: the memory that it takes
// must not grow with the log. Then, with what was built, how long a start takes.
func (r *run) rebuilds() error {
	if r.wants("rebuild") {
		quarter, err := r.logOf(r.Seed.Events / 4)
		if err != nil {
			return err
		}
		defer r.discard(quarter.at)
		for range r.Rounds {
			if err := r.rebuild(quarter, "rebuild a quarter"); err != nil {
				return err
			}
		}
	}
	whole, err := r.logOf(r.Seed.Events)
	if err != nil {
		return err
	}
	defer r.discard(whole.at)
	for round := range r.Rounds {
		if !r.wants("rebuild") {
			break
		}
		r.say("round %d of %d: rebuild the read models", round+1, r.Rounds)
		if err := r.rebuild(whole, "rebuild"); err != nil {
			return err
		}
	}
	if row, part := r.report.find("rebuild", 0), r.report.find("rebuild a quarter", 0); row != nil {
		for i, peak := range row.figure("peak").values {
			row.add("peak, of a quarter's", "x", peak/part.figure("peak").values[i])
		}
	}
	if !r.wants("startup") {
		return nil
	}
	if !r.wants("rebuild") { // then nothing is built yet
		if err := r.startUp(whole, ""); err != nil {
			return err
		}
	}
	for range r.Rounds {
		if err := r.startUp(whole, "startup"); err != nil {
			return err
		}
	}
	return nil
}

// seededLog is a place with a log of so many events.
type seededLog struct {
	at     place
	events int
	unread int // of the busiest person
}

func (r *run) logOf(events int) (l seededLog, err error) {
	perPerson := max(1, events/r.Seed.People-3)
	p := populate(r.Seed.People, r.Seed.Channels, perPerson*10/12*r.Seed.People, r.Seed.Text)
	l.events, l.unread = p.events(), p.waiting(0)
	r.say("seed %d events", l.events)
	l.at, err = r.filled(p.streams()...)
	return l, err
}

// rebuild starts the program without read models and waits until they are built.
func (r *run) rebuild(l seededLog, name string) (err error) {
	if err := r.forgetModels(l.at); err != nil {
		return err
	}
	server, err := r.serveReady(l.at)
	if err != nil {
		return err
	}
	took := time.Since(server.began)
	defer func() { err = stopped(server, err) }()
	row := r.report.row(name, 0)
	row.add("events", "", float64(l.events))
	row.add("rate", "events/s", float64(l.events)/took.Seconds())
	peak, peakErr := memory(server.pid(), "VmHWM")
	spent, cpuErr := processorTime(server.pid())
	if errors.Join(peakErr, cpuErr) == nil {
		row.add("cpu", "us/event", spent.Seconds()/float64(l.events)*1e6)
		row.add("peak", "MiB", mebibytes(peak))
	}
	return r.checkBusiest(l, server)
}

// startUp starts the program with its read models current.
func (r *run) startUp(l seededLog, name string) (err error) {
	server, err := r.serveReady(l.at)
	if err != nil {
		return err
	}
	took := time.Since(server.began)
	defer func() { err = stopped(server, err) }()
	if name != "" {
		row := r.report.row(name, 0)
		row.add("events", "", float64(l.events))
		row.add("until ready", "s", took.Seconds())
		if held, err := memory(server.pid(), "VmRSS"); err == nil {
			row.add("memory", "MiB", mebibytes(held))
		}
	}
	return r.checkBusiest(l, server)
}

// checkBusiest looks whether the read models are what was seeded.
func (r *run) checkBusiest(l seededLog, server *child) error {
	tokens, err := r.bearers(l.at, 1)
	if err != nil {
		return err
	}
	n, err := bubble(server, tokens[0])
	if err == nil && n != l.unread {
		err = fmt.Errorf("the busiest person has %d unread messages, not %d", n, l.unread)
	}
	return err
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

package bench

import (
	"net/http"
	"time"
)

// idleAfter is how long a server does nothing before its memory is looked at.
const idleAfter = 3 * time.Second

// idle measures the memory of a server with little data that has been asked a
// few things and has nothing to do.
func (r *run) idle() error {
	r.say("memory when idle")
	p := populate(20, 10, 20*50, r.Seed.Text)
	at, err := r.filled(p.streams()...)
	if err != nil {
		return err
	}
	defer r.discard(at)
	for range r.Rounds {
		if err := r.idleRound(at, p); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) idleRound(at place, p *population) (err error) {
	server, err := r.serveReady(at)
	if err != nil {
		return err
	}
	defer func() { err = stopped(server, err) }()
	tokens, err := r.bearers(at, p.people)
	if err != nil {
		return err
	}
	c := newClient(server.base)
	defer c.close()
	for _, token := range tokens {
		if _, _, err := c.request(http.MethodGet, "/v1/inbox", token, nil).send(http.StatusOK); err != nil {
			return err
		}
	}
	select {
	case <-time.After(min(idleAfter, 2*r.Duration)):
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	if held, err := memory(server.pid(), "VmRSS"); err == nil {
		r.report.row("idle", 0).add("memory", "MiB", mebibytes(held))
	}
	return nil
}

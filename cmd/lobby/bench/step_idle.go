package bench

import (
	"net/http"
	"path/filepath"
	"time"
)

// idleAfter is how long a server does nothing before its memory is looked at.
const idleAfter = 3 * time.Second

// idle measures the memory of a server with little data that has been asked a
// few things and has nothing to do.
func (r *run) idle() error {
	r.say("memory when idle")
	dir, err := r.directory()
	if err != nil {
		return err
	}
	defer r.discard(dir)
	p := populate(20, 10, 20*50, r.Seed.Text)
	if err := p.seed(r.ctx, filepath.Join(dir, r.Layout.Log)); err != nil {
		return err
	}
	for range r.Rounds {
		if err := r.idleRound(dir, p); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) idleRound(dir string, p *population) (err error) {
	server, err := r.serveReady(dir)
	if err != nil {
		return err
	}
	defer func() { err = stopped(server, err) }()
	tokens, err := r.bearers(dir, p.people)
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

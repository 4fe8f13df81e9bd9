package bench

import (
	"errors"
	"net/http"
	"time"
)

// readyTimeout bounds how long a server may build its read models.
const readyTimeout = 10 * time.Minute

// serveReady starts the program and waits until it answers queries.
func (r *run) serveReady(p place) (*child, error) {
	var flags []string
	var debug string
	if r.Profile != "" {
		address, err := freeAddress()
		if err != nil {
			return nil, err
		}
		debug, flags = "http://"+address, []string{"--debug-listen", address}
	}
	server, err := r.serve(p, flags...)
	if err != nil {
		return nil, err
	}
	server.debug = debug
	if err := r.waitReady(server); err != nil {
		return nil, errors.Join(err, server.stop())
	}
	return server, nil
}

func (r *run) waitReady(server *child) error {
	c := newClient(server.base)
	defer c.close()
	ready := c.request(http.MethodGet, "/readyz", "", nil)
	for began := time.Now(); ; {
		var status struct {
			Ready  bool   `json:"ready"`
			Failed string `json:"failed"`
		}
		err := ready.read(&status, http.StatusOK, http.StatusServiceUnavailable)
		switch {
		case err != nil:
			return err
		case status.Ready:
			return nil
		case status.Failed != "":
			return errors.New("the read model has failed: " + status.Failed)
		case time.Since(began) > readyTimeout:
			return errors.New("the server does not become ready")
		}
		select {
		case <-time.After(time.Millisecond):
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
}

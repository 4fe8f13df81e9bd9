package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// profile drives a step once more while the server is being profiled, so that
// profiling costs nothing of what is reported. It does so in the first round only.
func (r *run) profile(s step) error {
	if r.Profile == "" {
		return nil
	}
	path := filepath.Join(r.Profile, fmt.Sprintf("%s-%d.pprof", s.name, len(s.operations)))
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(r.Profile, 0o700); err != nil {
		return err
	}
	seconds := max(1, int(r.Duration/time.Second))
	written := make(chan error, 1)
	go func() {
		written <- fetch(path, fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", s.server.debug, seconds))
	}()
	if _, err := drive(r.ctx, s.operations, time.Duration(seconds)*time.Second); err != nil {
		return err
	}
	if s.settle != nil {
		if err := s.settle(); err != nil {
			return err
		}
	}
	return <-written
}

func fetch(path, url string) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, response.Body)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// freeAddress is a loopback address that nobody listens on now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

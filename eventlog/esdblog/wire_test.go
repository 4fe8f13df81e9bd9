package esdblog

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// wire is a connection to a server that can be frozen, so that nothing comes
// through any more and nothing is said about it, and cut.
type wire struct {
	URL     string
	target  string
	mu      sync.Mutex
	thawed  *sync.Cond
	frozen  bool
	conns   []net.Conn
	dialled int
}

func newWire(t testing.TB, server string) *wire {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{URL: "esdb://" + l.Addr().String() + "?tls=false", target: u.Host}
	w.thawed = sync.NewCond(&w.mu)
	var work sync.WaitGroup
	work.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.dialled++
			w.conns = append(w.conns, near)
			w.mu.Unlock()
			far, err := net.Dial("tcp", w.target)
			if err != nil {
				near.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, far)
			w.mu.Unlock()
			work.Go(func() { w.copy(far, near) })
			work.Go(func() { w.copy(near, far) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.freeze(false)
		w.cut()
		work.Wait()
	})
	return w
}

func (w *wire) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.Lock()
		for w.frozen {
			w.thawed.Wait()
		}
		w.mu.Unlock()
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
}

func (w *wire) freeze(frozen bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frozen = frozen
	w.thawed.Broadcast()
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

func (w *wire) dials() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dialled
}

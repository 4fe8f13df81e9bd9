package esdblog

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/esdbserver/esdbtest"
	"lobby.example/eventlog/sqlitelog"
)

func event() eventlog.Event {
	return eventlog.Event{ID: uuid.New(), Kind: "message_sent", Data: []byte(`{"text":"hello"}`)}
}

func events(n int) []eventlog.Event {
	some := make([]eventlog.Event, n)
	for i := range some {
		some[i] = event()
	}
	return some
}

func write(t testing.TB, l eventlog.Log, stream string, expected eventlog.Revision, events ...eventlog.Event) eventlog.Appended {
	t.Helper()
	a, err := l.Append(deadline(t), stream, expected, events)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// embedded is a log for a server of our own making.
func embedded(t testing.TB) *sqlitelog.Log {
	t.Helper()
	l, err := sqlitelog.Open(t.TempDir()+"/events.db", sqlitelog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// forgetful is a server that commits appends, and as often as it is told to answers
// with an error instead of saying so. An error of code OK stands for no answer.
type forgetful struct {
	*esdbtest.Server
	mu    sync.Mutex
	codes []codes.Code
	came  int // appends
}

func serveForgetful(t testing.TB) *forgetful {
	t.Helper()
	f := &forgetful{}
	log := embedded(t)
	commit := esdbtest.Appender(log)
	f.Server = esdbtest.Serve(t, log, esdbserver.Options{MayRead: esdbserver.Anyone, Append: func(s streams.Streams_AppendServer) error {
		f.mu.Lock()
		f.came++
		var code *codes.Code
		if len(f.codes) > 0 {
			code, f.codes = &f.codes[0], f.codes[1:]
		}
		f.mu.Unlock()
		if code == nil {
			return commit(s)
		}
		if err := commit(silent{s}); err != nil {
			return err
		}
		if *code != codes.OK {
			return status.Error(*code, "the answer is lost")
		}
		<-s.Context().Done()
		return s.Context().Err()
	}})
	return f
}

func (f *forgetful) forget(codes ...codes.Code) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.codes = codes
}

func (f *forgetful) appends() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.came
}

type silent struct{ streams.Streams_AppendServer }

func (silent) SendAndClose(*streams.AppendResp) error { return nil }

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

// within fails the test when something takes longer than it may.
func within(t *testing.T, bound time.Duration, what string, f func()) {
	t.Helper()
	started := time.Now()
	f()
	if took := time.Since(started); took > bound {
		t.Errorf("%s took %v, more than %v", what, took, bound)
	}
}

// immediately is a pause without waiting.
func immediately(ctx context.Context, _ int) error { return ctx.Err() }

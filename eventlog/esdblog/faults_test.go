package esdblog

import (
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

// within fails the test when something takes longer than it may.
func within(t *testing.T, bound time.Duration, what string, f func()) {
	t.Helper()
	started := time.Now()
	f()
	if took := time.Since(started); took > bound {
		t.Errorf("%s took %v, more than %v", what, took, bound)
	}
}

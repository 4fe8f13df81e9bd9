package commands

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
)

// The people of the tests. Lena lets, Tom and Tia rent, Pia repairs; Otto is
// registered and connected with nobody.
var (
	lena, tom, tia, pia, otto = scenario.ID("Lena"), scenario.ID("Tom"), scenario.ID("Tia"), scenario.ID("Pia"), scenario.ID("Otto")
	pair                      = connection.Between(lena, tom)
	channel                   = connection.Stream(pair)
)

var roles = map[uuid.UUID]person.Role{lena: person.Landlord, tom: person.Tenant, tia: person.Tenant, pia: person.ServicePro, otto: person.Tenant}

// house is a log with its services and one clock.
type house struct {
	testing.TB
	log   *sqlitelog.Log
	dir   string
	clock atomic.Pointer[time.Time] // nil: the real one
	programs
	*Service
}

// newHouse has everybody registered, and Lena connected with Tom.
func newHouse(t testing.TB) *house {
	h := &house{TB: t, dir: t.TempDir()}
	h.log = h.openLog("log")
	h.Service = h.service(h.log, nil)
	for id, role := range roles {
		h.must(h.people.Execute(t.Context(), person.Register{Person: id, Role: role, Profile: person.Profile{Name: "N"}}, h.request(platform)))
	}
	h.connect(lena, tom)
	return h
}

var platform = scenario.ID("platform")

func (h *house) openLog(name string) *sqlitelog.Log {
	h.Helper()
	log, err := sqlitelog.Open(filepath.Join(h.dir, name), sqlitelog.Options{Categories: catalogue.Categories()})
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { log.Close() })
	return log
}

func (h *house) openSnapshots() *SnapshotFile {
	h.Helper()
	f, err := OpenSnapshots(filepath.Join(h.dir, "snapshots"), quiet)
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { f.Close() })
	return f
}

var quiet = slog.New(slog.DiscardHandler)

// service is another process's view: nothing is shared but the log and, where
// there is one, the file of snapshots.
func (h *house) service(log eventlog.Log, snapshots Snapshots) *Service {
	return New(log, Options{Snapshots: snapshots, Now: h.now, Logger: quiet, Webhooks: &h.programs, Unsubscribe: whoseLink})
}

func (h *house) now() time.Time {
	if at := h.clock.Load(); at != nil {
		return *at
	}
	return time.Now()
}

func (h *house) set(at time.Time) { h.clock.Store(&at) }

func (h *house) connect(a, b uuid.UUID) uuid.UUID {
	h.Helper()
	from, to := connection.Party{Person: a, Role: string(roles[a])}, connection.Party{Person: b, Role: string(roles[b])}
	for range 2 { // the second one crosses the first
		h.must(h.connections.Execute(h.Context(), connection.Invite{From: from, To: to}, h.request(from.Person)))
		from, to = to, from
	}
	return connection.Between(a, b)
}

// request comes without a key.
func (h *house) request(actor uuid.UUID) Request {
	return Request{Command: uuid.New(), Actor: actor, At: h.now()}
}

// keyed is what the edge makes of a request with a key.
func (h *house) keyed(actor uuid.UUID, operation, stream, key, content string) Request {
	c := call{operation: operation, key: key, at: h.now()}
	c.Person = actor
	return Request{Command: c.commandID(stream, c.at), Keyed: true, Earlier: c.earlierIDs(stream), Actor: actor, At: c.at, Content: content}
}

// send makes a message with an id that derives from the request, as the edge does.
func (h *house) send(s *Service, r Request) (Result, error) {
	return s.connections.Execute(h.Context(), message(pair, r), r)
}

func message(in uuid.UUID, r Request) connection.SendMessage {
	return connection.SendMessage{Connection: in, Message: entityID(r.Command), From: r.Actor, Text: "text " + r.Content}
}

func (h *house) must(r Result, err error) Result {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
	return r
}

func (h *house) head() eventlog.Position {
	h.Helper()
	p, err := h.log.Head(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	return p
}

// stream reads what is really there.
func (h *house) stream(name string) (events []eventlog.Recorded) {
	h.Helper()
	for e, err := range h.log.ReadStream(h.Context(), name, 0, eventlog.Forward, 0) {
		if err != nil {
			h.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// count is how many events of a kind the stream has.
func (h *house) count(name, kind string) (n int) {
	h.Helper()
	for _, e := range h.stream(name) {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func code(err error) string {
	if r, ok := errors.AsType[*domain.Refusal](err); ok {
		return r.Code
	}
	return ""
}

func wantCode(t testing.TB, err error, want string) {
	t.Helper()
	if code(err) != want {
		t.Errorf("answered %v, want %s", err, want)
	}
}

// until waits for a condition that another goroutine is about to make true.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen", what)
		}
	}
}

// queued is how many commands wait for the stream's turn.
func queued[S any](s *Streams[S], name string) int {
	st, ok := s.cache.GetIfPresent(name)
	if !ok {
		return 0
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.queue)
}

// tampered is the real log with something that goes wrong around an append, and
// a count of what is asked of it.
type tampered struct {
	eventlog.Log
	before, after  func(stream string, expected eventlog.Revision) error
	appends, reads atomic.Int64 // appends asked for, and events read from streams
	conflicts      atomic.Int64
}

func (l *tampered) Append(ctx context.Context, stream string, expected eventlog.Revision, events []eventlog.Event) (eventlog.Appended, error) {
	l.appends.Add(1)
	if l.before != nil {
		if err := l.before(stream, expected); err != nil {
			return eventlog.Appended{}, err
		}
	}
	appended, err := l.Log.Append(ctx, stream, expected, events)
	if _, ok := errors.AsType[*eventlog.ConflictError](err); ok {
		l.conflicts.Add(1)
	}
	if l.after != nil && err == nil {
		if err := l.after(stream, expected); err != nil {
			return eventlog.Appended{}, err
		}
	}
	return appended, err
}

func (l *tampered) ReadStream(ctx context.Context, stream string, from eventlog.Revision, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		for e, err := range l.Log.ReadStream(ctx, stream, from, direction, limit) {
			l.reads.Add(1)
			if !yield(e, err) {
				return
			}
		}
	}
}

// gated holds the first append until the gate is opened, so that a test decides
// what waits in one turn.
func gated(log eventlog.Log) (l *tampered, held <-chan struct{}, open func()) {
	gate, reached := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	l = &tampered{Log: log, before: func(string, eventlog.Revision) error {
		if first.CompareAndSwap(false, true) {
			close(reached)
			<-gate
		}
		return nil
	}}
	return l, reached, func() { close(gate) }
}

func numbered(prefix string, i int) string { return prefix + strconv.Itoa(i) }

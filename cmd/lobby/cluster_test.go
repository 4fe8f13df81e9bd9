package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"lobby.example/eventlog/esdbserver/esdbtest"
	"lobby.example/readmodel/postgres/pgtest"
)

// cluster is a log and read models that several processes share.
type cluster struct {
	t        *testing.T
	store    *esdbtest.Server
	postgres *pgtest.Server
	keys     string // directory of the key that all believe
	args     []string
}

func newCluster(t *testing.T) *cluster {
	c := &cluster{t: t, store: esdbtest.Start(t), postgres: pgtest.Start(t), keys: t.TempDir()}
	if _, err := openKey(c.keys); err != nil {
		t.Fatal(err)
	}
	c.args = []string{"--eventstore", c.store.URL, "--postgres", c.postgres.URL(), "--key-file", filepath.Join(c.keys, keyFile), "--files", "file://" + t.TempDir()}
	return c
}

func (c *cluster) start(role string) *process {
	c.t.Helper()
	return start(c.t, nil, append([]string{"serve", "--data", c.t.TempDir(), "--listen", "127.0.0.1:0", "--role", role}, c.args...)...)
}

func (c *cluster) ready(p *process) {
	c.t.Helper()
	until(c.t, "it is ready", func() bool { return p.get("", "/readyz", nil) == http.StatusOK })
}

// unread asks a process for somebody's bubble as of a position.
func unread(t *testing.T, p *process, token, position string) int {
	t.Helper()
	var answer struct{ Total int }
	until(t, "the position is shown", func() bool { return p.get(token, "/v1/unread?after="+position, &answer) == http.StatusOK })
	return answer.Total
}

// Two processes answer, one projects: what one has accepted, the other shows as of
// its position. The projector is killed, and another one goes on. The event store
// and the database are killed and come back: nothing that was acknowledged is
// lost, nothing counts twice, and nobody has to restart a process.
func TestSeveralProcesses(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	projector := c.start(roleProjector)
	one, two := c.start(roleAPI), c.start(roleAPI)
	for _, p := range []*process{projector, one, two} {
		c.ready(p)
	}
	platform := tokenOf(t, c.keys, uuid.New(), true)
	someone := func(role, name string) (uuid.UUID, string) {
		answer := one.must(platform, http.MethodPost, "/persons", fmt.Sprintf(`{"role":%q,"name":%q}`, role, name))
		id := uuid.MustParse(answer.ID)
		return id, tokenOf(t, c.keys, id, false)
	}
	_, greta := someone("landlord", "Greta Lindqvist")
	jonasID, jonas := someone("tenant", "Jonas Weber")
	channel := one.connect(greta, jonas, jonasID)
	path := "/channels/" + channel + "/messages"

	sent := one.must(greta, http.MethodPost, path, `{"text":"By the first one."}`)
	if n := unread(t, two, jonas, sent.Position); n != 1 {
		t.Errorf("the second one counts %d", n)
	}
	// The same key at both: one message, and one answer.
	_, first, err := one.send(greta, "once", http.MethodPost, path, `{"text":"Once."}`)
	if err != nil {
		t.Fatal(err)
	}
	_, again, err := two.send(greta, "once", http.MethodPost, path, `{"text":"Once."}`)
	if err != nil || first != again {
		t.Errorf("%+v, and by the other one %+v, %v", first, again, err)
	}

	next := c.start(roleProjector)
	projector.signal(syscall.SIGKILL)
	sent = two.must(greta, http.MethodPost, path, `{"text":"While nobody projected, perhaps."}`)
	if n := unread(t, one, jonas, sent.Position); n != 3 {
		t.Errorf("after the projector was killed the first one counts %d", n)
	}

	expected := 3
	for name, fault := range map[string]func(){
		"the event store restarts": func() { c.store.Stop(t); c.store.Start(t) },
		"PostgreSQL is killed":     func() { c.postgres.Kill(); c.postgres.Restart() },
	} {
		t.Run(name, func(t *testing.T) { expected += underLoad(t, []*process{one, two}, greta, path, fault) })
		var last commandAnswer
		until(t, "a message is taken", func() bool {
			status, answer, err := one.send(greta, "after "+name, http.MethodPost, path, `{"text":"After it."}`)
			last = answer
			return err == nil && status == http.StatusCreated
		})
		expected++
		for _, p := range []*process{one, two, next} {
			if n := unread(t, p, jonas, last.Position); n != expected {
				t.Errorf("after %s %s counts %d, not %d", name, p.base, n, expected)
			}
		}
	}
	for _, p := range []*process{one, two, next} {
		if code := p.signal(syscall.SIGTERM); code != 0 {
			t.Errorf("ended with %d\n%s", code, p.stderr)
		}
	}
}

// underLoad sends messages while a fault happens, each again until it is
// acknowledged, under the same key. It answers with how many there are.
func underLoad(t *testing.T, processes []*process, token, path string, fault func()) int {
	var acknowledged atomic.Int64
	over := make(chan struct{})
	var senders sync.WaitGroup
	for n := range 4 {
		senders.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%s %d %d", t.Name(), n, i)
				for attempt := 0; ; attempt++ {
					status, _, err := processes[(n+attempt)%2].send(token, key, http.MethodPost, path, `{"text":"Under load."}`)
					if err == nil && status == http.StatusCreated {
						break
					}
				}
				acknowledged.Add(1)
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	until(t, "the load is there", func() bool { return acknowledged.Load() > 20 })
	fault()
	before := acknowledged.Load()
	until(t, "it goes on", func() bool { return acknowledged.Load() > before+20 })
	close(over)
	senders.Wait()
	return int(acknowledged.Load())
}

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"lobby.example/domain/catalogue"
	"lobby.example/eventlog/esdblog"
	"lobby.example/readmodel/postgres"
	"lobby.example/readmodel/postgres/pgtest"
)

// cluster is a log and read models that several processes share.
type cluster struct {
	t        *testing.T
	store    *node
	postgres *pgtest.Server
	keys     string // directory of the key that all believe
	args     []string
}

func newCluster(t *testing.T) *cluster {
	c := &cluster{t: t, store: startNode(t, t.TempDir(), "127.0.0.1:0"), postgres: pgtest.Start(t), keys: t.TempDir()}
	if _, err := openKey(c.keys); err != nil {
		t.Fatal(err)
	}
	c.args = []string{"--eventstore", c.store.url, "--postgres", c.postgres.URL(), "--key-file", filepath.Join(c.keys, keyFile), "--files", "file://" + t.TempDir()}
	return c
}

// killStore kills the event store and starts it again where it was.
func (c *cluster) killStore() {
	c.t.Helper()
	c.store.kill()
	address, _ := url.Parse(c.store.url)
	c.store = startNode(c.t, c.store.dir, address.Host)
}

// cutConnections cuts some in the middle of a transaction that has written, then all.
func (c *cluster) cutConnections() {
	c.t.Helper()
	admin, err := pgx.Connect(c.t.Context(), c.postgres.URL())
	if err != nil {
		c.t.Fatal(err)
	}
	defer admin.Close(context.Background())
	for within := 0; within < 3; {
		var n int
		if err := admin.QueryRow(c.t.Context(), `select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
			where backend_xid is not null and backend_type = 'client backend'`).Scan(&n); err != nil {
			c.t.Fatal(err)
		}
		within += n
	}
	if _, err := admin.Exec(c.t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
		where pid <> pg_backend_pid() and backend_type = 'client backend'`); err != nil {
		c.t.Fatal(err)
	}
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
// its position. Then something fails under load: the projector, and another one goes
// on; the event store and the database, which come back; connections to the database
// in the middle of transactions. Nothing that was acknowledged is lost, nothing counts
// twice, nobody has to restart a process, and in the end the rows are those of a
// replay.
func TestSeveralProcesses(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	projector := c.start(roleProjector)
	one, two := c.start(roleAPI), c.start(roleAPI)
	for _, p := range []*process{projector, one, two} {
		c.ready(p)
	}
	next := c.start(roleProjector)
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

	expected := 2
	for name, fault := range map[string]func(){
		"the projector is killed":   func() { projector.signal(syscall.SIGKILL); projector, next = next, c.start(roleProjector) },
		"the event store is killed": c.killStore,
		"PostgreSQL is killed":      func() { c.postgres.Kill(); c.postgres.Restart() },
		"connections are cut":       c.cutConnections,
	} {
		t.Run(name, func(t *testing.T) { expected += underLoad(t, []*process{one, two}, greta, path, fault) })
		var last commandAnswer
		until(t, "a message is taken", func() bool {
			status, answer, err := one.send(greta, "after "+name, http.MethodPost, path, `{"text":"After it."}`)
			last = answer
			return err == nil && status == http.StatusCreated
		})
		expected++
		for _, p := range []*process{one, two, projector, next} {
			if n := unread(t, p, jonas, last.Position); n != expected {
				t.Errorf("after %s %s counts %d, not %d", name, p.base, n, expected)
			}
		}
	}
	for _, p := range []*process{one, two, projector, next} {
		if code := p.signal(syscall.SIGTERM); code != 0 {
			t.Errorf("ended with %d\n%s", code, p.stderr)
		}
	}
	log, err := esdblog.Open(t.Context(), c.store.url, esdblog.Options{Categories: catalogue.Categories()})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	models, err := postgres.Open(t.Context(), c.postgres.URL(), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close()
	checkReplay(t, log, models)
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

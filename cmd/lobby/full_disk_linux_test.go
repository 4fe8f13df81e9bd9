package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"lobby.example/domain/catalogue"
	"lobby.example/eventlog/sqlitelog"
	"lobby.example/readmodel/sqlitemodel"
)

// Some systems let a process be traced by its ancestors only. The programs of these
// tests are traced by strace, which the tests start beside them.
func init() {
	const setTracer, anybody = 0x59616d61, ^uintptr(0)
	syscall.RawSyscall(syscall.SYS_PRCTL, setTracer, anybody, 0) // where it is not known, it is not needed
}

// fillDisk has whatever the process wants to write to a file be answered as by a full
// disk, or some of it, until there is room again. What there is can be read.
func (p *process) fillDisk(some string) (room func()) {
	p.t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		p.t.Fatalf("this test fills the disk with strace, which is not installed (%v); on Debian: apt-get install strace", err)
	}
	const writes = "pwrite64,mkdirat" // of SQLite; of the first file in a directory
	said := new(synced)
	ctx, letGo := context.WithCancel(context.Background())
	tracer := exec.CommandContext(ctx, strace, "-f", "-qq", "-p", strconv.Itoa(p.cmd.Process.Pid), "-o", os.DevNull,
		"-e", "trace="+writes, "-e", "inject="+writes+":error=ENOSPC"+some)
	tracer.Stderr = said
	tracer.Cancel = func() error { return tracer.Process.Signal(os.Interrupt) }
	tracer.WaitDelay = time.Second // it may wait for a process that is dead
	if err := tracer.Start(); err != nil {
		p.t.Fatal(err)
	}
	room = sync.OnceFunc(func() {
		letGo()
		tracer.Wait()
		if p.t.Failed() {
			p.t.Log(said)
		}
	})
	p.t.Cleanup(room)
	return room
}

// A disk that is full, at once or only now and then, under load: what needs room is
// refused, nobody is refused anything else, and it is said what is wrong. With room
// again everything goes on by itself, and what was refused is there once when it is
// sent again. At last the server is killed while there is no room.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := serve(t, data)
	load := newLoad(p, data, 4)
	load.excused = "no_room"
	for _, some := range []string{"", ":when=2+3", ""} {
		stop := load.drive(p)
		load.until("the load is there", 40, 0)
		room := p.fillDisk(some)
		load.until("it is refused", 0, 40)
		if some == "" {
			checkFull(t, p, load.clients[0])
		}
		room()
		load.until("it goes on", 40, 0)
		stop()
		load.check(p)
		if status, answer, err := upload(p, load.clients[0]); err != nil || status != http.StatusCreated {
			t.Errorf("a file: %d %s, %v", status, answer.Code, err)
		}
		until(t, "there is room for everything", func() bool { return len(p.noRoom()) == 0 })
	}
	if n := strings.Count(p.stderr.String(), "there is no room"); n == 0 || n > load.refused/4 {
		t.Errorf("%d refusals, and the log has %d lines about it", load.refused, n)
	}

	stop := load.drive(p)
	load.until("the load is there", 40, 0)
	room := p.fillDisk("")
	load.until("it is refused", 0, 20)
	p.cmd.Process.Kill()
	stop()
	room()
	p.end()
	p = serve(t, data)
	load.retry(p)
	load.check(p)
	if code := p.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("ended with %d\n%s", code, p.stderr)
	}
	log, err := sqlitelog.Open(filepath.Join(data, logFile), sqlitelog.Options{Categories: catalogue.Categories()})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	models, err := sqlitemodel.Open(filepath.Join(data, modelDir), sqlitemodel.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close()
	checkReplay(t, log, models)
	t.Logf("%d acknowledged, %d refused", load.acknowledged, load.refused)
}

// checkFull looks at a server that has no room.
func checkFull(t *testing.T, p *process, c *client) {
	until(t, "it is said what there is no room for", func() bool {
		if status, answer, err := upload(p, c); err != nil || status != http.StatusServiceUnavailable || answer.Code != "no_room" {
			t.Errorf("a file: %d %s, %v", status, answer.Code, err)
		}
		said := p.noRoom() // no files where one had a directory already
		return slices.Contains(said, forEvents) && slices.Contains(said, forFiles)
	})
	var metrics string
	p.get("", "/metrics", &metrics)
	if !strings.Contains(metrics, `lobby_no_room{for="events"} 1`) {
		t.Error("/metrics does not say that there is no room")
	}
	// What needs no room works as ever: queries, and commands with nothing to do.
	for _, path := range []string{"/v1/unread", "/v1/inbox", "/v1/channels/" + c.channel.name + "/messages"} {
		if status := p.get(c.token, path, nil); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, answer, err := p.send(c.token, "", http.MethodPut, "/channels/board-"+c.id.String()+"/mute", `{"muted":false}`); err != nil || status != http.StatusOK || answer.Events != 0 {
		t.Errorf("nothing to do: %d %+v, %v", status, answer, err)
	}
}

func upload(p *process, c *client) (status int, answer commandAnswer, err error) {
	return p.send(c.token, "", http.MethodPost, "/attachments?name=drip.json", `{"it":"drips"}`)
}

// noRoom is what the server says that it has no room for. It is ready all the same.
func (p *process) noRoom() []string {
	p.t.Helper()
	var ready struct {
		NoRoom []string `json:"no_room"`
	}
	if status := p.get("", "/readyz", &ready); status != http.StatusOK {
		p.t.Fatalf("/readyz: %d %+v\n%s", status, ready, p.stderr)
	}
	return ready.NoRoom
}

// drive has everybody send, and send again what was refused or not answered, until
// it is stopped.
func (l *load) drive(p *process) (stop func()) {
	over := make(chan struct{})
	var work sync.WaitGroup
	for _, c := range l.clients {
		work.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				if c.pending == nil {
					c.pending = l.next(c)
				}
				l.send(p, c)
			}
		})
	}
	return func() { close(over); work.Wait() }
}

// until waits for so many more to be acknowledged and to be refused.
func (l *load) until(what string, acknowledged, refused int) {
	l.t.Helper()
	count := func() (int, int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.acknowledged, l.refused
	}
	a, r := count()
	until(l.t, fmt.Sprintf("%s (%d acknowledged, %d refused)", what, acknowledged, refused), func() bool {
		nowA, nowR := count()
		return nowA >= a+acknowledged && nowR >= r+refused
	})
}

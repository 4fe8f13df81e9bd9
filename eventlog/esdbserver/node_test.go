package esdbserver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"lobby.example/eventlog"
)

// nodeLine is what scripts/esdb-node/read.mjs prints.
type nodeLine struct {
	How              string
	ID, Stream, Type string
	Revision         string
	Commit, Prepare  string
	Created          time.Time
	Data, Metadata   json.RawMessage
}

// node is the script on its way.
type node struct {
	t       *testing.T
	command *exec.Cmd
	lines   *bufio.Scanner
	heard   []nodeLine // that are no events
	errors  bytes.Buffer
}

// installed puts the script and the client of npm into a directory of the test.
func installed(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: there is no %s here, so nothing shows that EventStoreDB's Node client can read the log. Install Node 20 or newer.", program)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../scripts/esdb-node")); err != nil {
		t.Fatal(err)
	}
	patient, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // it may have to fetch it
	defer cancel()
	npm := exec.CommandContext(patient, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

func run(t *testing.T, dir string, arguments ...string) *node {
	t.Helper()
	n := &node{t: t, command: exec.CommandContext(within(t), "node", append([]string{"read.mjs"}, arguments...)...)}
	n.command.Dir, n.command.Stderr = dir, &n.errors
	out, err := n.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	n.lines = bufio.NewScanner(out)
	if err := n.command.Start(); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) next() (line nodeLine) {
	n.t.Helper()
	if !n.lines.Scan() {
		n.t.Fatalf("the script ended early: %v\n%s", n.command.Wait(), n.errors.String())
	}
	n.t.Log(n.lines.Text())
	if err := json.Unmarshal(n.lines.Bytes(), &line); err != nil {
		n.t.Fatal(err)
	}
	return line
}

// expect takes the lines of these events. What it says of the subscription comes
// between them; it is kept for expectHeard.
func (n *node) expect(how string, want ...eventlog.Recorded) {
	n.t.Helper()
	for len(want) > 0 {
		got := n.next()
		if got.ID == "" {
			n.heard = append(n.heard, got)
			continue
		}
		w := want[0]
		if commit := strconv.FormatUint(w.Position.Commit(), 10); got.How != how || got.ID != w.ID.String() || got.Stream != w.Stream ||
			got.Type != w.Kind || got.Revision != strconv.Itoa(int(w.Revision)) || got.Commit != commit || got.Prepare != commit ||
			!got.Created.Equal(w.Time.Truncate(time.Millisecond)) || string(got.Data) != string(w.Data) || string(got.Metadata) != string(w.Metadata) {
			n.t.Fatalf("it printed %+v, not that %v of %s was %s", got, w.Revision, w.Stream, how)
		}
		want = want[1:]
	}
}

func (n *node) expectHeard(want ...nodeLine) {
	n.t.Helper()
	for len(n.heard) < len(want) {
		n.heard = append(n.heard, n.next())
	}
	if got := fmt.Sprint(n.heard); got != fmt.Sprint(want) {
		n.t.Fatalf("it heard %s, not %v", got, want)
	}
	n.heard = nil
}

func (n *node) end() {
	n.t.Helper()
	for n.lines.Scan() {
		n.t.Errorf("it also printed %s", n.lines.Text())
	}
	if err := n.command.Wait(); err != nil {
		n.t.Fatalf("%v\n%s", err, n.errors.String())
	}
}

// TestNodeClient prints the whole session with -v.
func TestNodeClient(t *testing.T) {
	dir := installed(t)
	t.Run("reads and follows", func(t *testing.T) { nodeReadsAndFollows(t, dir) })
	t.Run("is authenticated", func(t *testing.T) { nodeIsAuthenticated(t, dir) })
}

func nodeReadsAndFollows(t *testing.T, dir string) {
	s := readOnly(t)
	write(t, s.Log, "post-1", some("post_published", 2)...)
	write(t, s.Log, "person-1", some("person_registered", 1)...)
	write(t, s.Log, "post-1", some("post_edited", 1)...)
	everything := logged(t, s.Log)
	posts := of("post-1", everything)

	t.Run("everything, with a filter", func(t *testing.T) {
		n := run(t, dir, s.URL, "--follow", "2", "--prefix", "person-")
		n.expect("read", everything...)
		n.expect("newest", everything[3])
		n.expect("followed", everything[2])
		n.expectHeard(nodeLine{How: "checkpoint", Commit: "4", Prepare: "4"}, nodeLine{How: "caught up"})
		write(t, s.Log, "post-2", some("post_published", 1)...)
		write(t, s.Log, "person-1", some("person_left", 1)...)
		n.expect("followed", logged(t, s.Log)[5])
		n.end()
	})
	t.Run("one stream", func(t *testing.T) {
		n := run(t, dir, s.URL, "--follow", "5", "--stream", "post-1")
		n.expect("read", posts...)
		n.expect("newest", posts[2])
		n.expect("followed", posts...)
		n.expectHeard(nodeLine{How: "caught up"})
		write(t, s.Log, "person-1", some("person_registered", 1)...)
		write(t, s.Log, "post-1", some("post_edited", 2)...)
		n.expect("followed", of("post-1", logged(t, s.Log))[3:]...)
		n.end()
	})
	t.Run("a stream that is not there", func(t *testing.T) {
		n := run(t, dir, s.URL, "--stream", "post-9")
		n.expectHeard(nodeLine{How: "failed", Type: "stream-not-found"})
		n.end()
	})
	t.Run("by gossip", func(t *testing.T) {
		n := run(t, dir, "esdb+discover"+s.URL[len("esdb"):], "--stream", "post-2")
		n.expect("read", of("post-2", logged(t, s.Log))...)
		n.expect("newest", of("post-2", logged(t, s.Log))...)
		n.end()
	})
}

func nodeIsAuthenticated(t *testing.T, dir string) {
	s, certificate := secure(t)
	write(t, s.Log, "post-1", some("post_published", 1)...)
	file := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for who, failure := range map[string]string{
		"auditor:s%3Aecret@": "",
		"tenant:secret@":     "access-denied",
		"auditor:guess@":     "access-denied", // as the client calls it too
		"":                   "access-denied",
	} {
		t.Run(who, func(t *testing.T) {
			n := run(t, dir, "esdb://"+who+s.URL[len("esdb://"):]+"?tls=true&tlsCAFile="+url.QueryEscape(file))
			if failure == "" {
				n.expect("read", logged(t, s.Log)...)
				n.expect("newest", logged(t, s.Log)...)
			} else {
				n.expectHeard(nodeLine{How: "failed", Type: failure})
			}
			n.end()
		})
	}
}

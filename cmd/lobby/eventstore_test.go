package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"

	"lobby.example/domain/catalogue"
)

// demoLog starts a demo whose log clients of EventStoreDB may read.
func demoLog(t *testing.T) (p *process, url string) {
	p = start(t, []string{"TMPDIR=" + t.TempDir()}, "demo", "--esdb-listen", "127.0.0.1:0")
	text := p.first
	for !strings.Contains(text, "Ctrl-C ends it") {
		line, err := p.stdout.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after\n%s\n%s", err, text, p.stderr)
		}
		text += line
	}
	return p, regexp.MustCompile(`esdb://\S+`).FindString(text)
}

// Each event of the demo, in order, is one that the catalogue knows.
func TestEventStoreClientsReadTheDemo(t *testing.T) {
	p, url := demoLog(t)
	config, err := esdb.ParseConnectionString(url)
	if err != nil {
		t.Fatal(err)
	}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	events, err := client.ReadAll(t.Context(), esdb.ReadAllOptions{Direction: esdb.Forwards, From: esdb.Start{}}, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	read := 0
	for {
		event, err := events.Recv()
		if err != nil {
			break
		}
		if _, err := catalogue.Decode(event.Event.StreamID, event.Event.EventType, event.Event.Data); err != nil {
			t.Errorf("%s at %s: %v", event.Event.EventType, event.Event.StreamID, err)
		}
		read++
	}
	if read < 500 {
		t.Errorf("%d events", read)
	}
	t.Run("in Node", func(t *testing.T) { nodeReads(t, url, read) })
	if code := p.signal(os.Interrupt); code != 0 {
		t.Errorf("ended with %d\n%s", code, p.stderr)
	}
}

// nodeReads reads and follows all of it with the script for Node.
func nodeReads(t *testing.T, url string, events int) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: there is no %s here, so nothing shows that EventStoreDB's Node client can read the demo. Install Node 20 or newer.", program)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../scripts/esdb-node")); err != nil {
		t.Fatal(err)
	}
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	script := exec.CommandContext(t.Context(), "node", "read.mjs", url, "--follow", "100")
	script.Dir = dir
	out, err := script.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	counted := map[string]int{}
	for line := range strings.Lines(string(out)) {
		var l struct{ How string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		counted[l.How]++
	}
	if counted["read"] != events || counted["newest"] != 1 || counted["followed"] != 100 {
		t.Errorf("it printed %v for %d events", counted, events)
	}
	t.Logf("EventStoreDB's Node client read %d events of the demo's log and followed 100", counted["read"])
}

// Whoever has a token of scope audit reads, and nobody else.
func TestAuditorsReadTheLogWithTheirToken(t *testing.T) {
	data := t.TempDir()
	p := start(t, nil, "serve", "--data", data, "--listen", "127.0.0.1:0", "--esdb-listen", "127.0.0.1:0")
	second, err := p.stdout.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the server is ready", func() bool { return p.get("", "/readyz", nil) == 200 })
	id, person := p.person(data, "landlord", "Greta Lindqvist")
	config, err := esdb.ParseConnectionString(strings.TrimSpace(regexp.MustCompile(`esdb://\S+`).FindString(second)) + "?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	read := func(token string) error {
		ctx := t.Context()
		if token != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
		}
		events, err := client.ReadStream(ctx, "person-"+id.String(), esdb.ReadStreamOptions{From: esdb.Start{}}, 10)
		if err != nil {
			return err
		}
		defer events.Close()
		_, err = events.Recv()
		return err
	}
	for name, token := range map[string]string{"nobody": "", "a person": person, "the platform": tokenOf(t, data, uuid.New(), true)} {
		if err := read(token); err == nil {
			t.Errorf("%s read the log", name)
		}
	}
	out, err := exec.Command("lobby", "token", "--data", data, "--person", uuid.NewString(), "--audit").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := read(strings.TrimSpace(string(out))); err != nil {
		t.Errorf("an auditor: %v", err)
	}
}

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdblog"
)

// TestMain makes this test binary the command too.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"esdbnode": main})
}

// node starts the command and returns the URL that it prints.
func node(t *testing.T, args ...string) (c *exec.Cmd, url string) {
	t.Helper()
	c = exec.CommandContext(t.Context(), "esdbnode", args...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if url = regexp.MustCompile(`esdb://\S+`).FindString(line); url == "" {
		t.Fatalf("no URL in %q", line)
	}
	return c, url
}

// A client that is connected goes on through the death of the server, and finds
// there what was acknowledged before.
func TestKilledAndStartedAgain(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := t.TempDir() + "/new"
	c, url := node(t, "--data", dir, "--listen", "127.0.0.1:0")
	log, err := esdblog.Open(ctx, url, esdblog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	write := func(expected eventlog.Revision) {
		t.Helper()
		e := eventlog.Event{ID: uuid.New(), Kind: "post_published", Data: []byte(`{}`), Metadata: []byte(`{}`)}
		if _, err := log.Append(ctx, "post-1", expected, []eventlog.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	write(eventlog.NoStream)
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	c.Wait()
	address := regexp.MustCompile(`[0-9.]+:[0-9]+`).FindString(url)
	c, again := node(t, "--data", dir, "--listen", address)
	if again != url {
		t.Errorf("serves %s, which was %s", again, url)
	}
	write(0)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}
}

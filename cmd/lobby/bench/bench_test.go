package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// binary is the real program, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(withBinary(m)) }

func withBinary(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lobby-bench-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "lobby")
	if out, err := exec.Command("go", "build", "-o", binary, "lobby.example/cmd/lobby").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("go build: %v\n%s", err, out))
	}
	return m.Run()
}

// tiny is a run of every step that takes a few seconds and proves nothing about speed.
func tiny(work string, more ...string) *exec.Cmd {
	return exec.Command(binary, append([]string{"bench", "--data", work, "--rounds", "1", "--duration", "50ms", "--clients", "1,4",
		"--seed-people", "20", "--seed-channels", "12", "--seed-messages", "1000", "--seed-events", "4000", "--seed-cold", "1000",
		"--seed-tenants", "20", "--seed-posts", "100", "--seed-open", "12", "--seed-file", "200000"}, more...)...)
}

// reported runs a tiny bench, which leaves nothing behind, and returns what it says.
func reported(t *testing.T, more ...string) (report Report, out string) {
	t.Helper()
	work := t.TempDir()
	file := filepath.Join(t.TempDir(), "report.json")
	printed, err := tiny(work, append([]string{"--json", file}, more...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("lobby bench: %v\n%s", err, printed)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(work); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return report, string(printed)
}

// has fails where a report has no such row, or one that measured nothing.
func has(t *testing.T, report *Report, rows ...Row) {
	t.Helper()
	for _, want := range rows {
		row := report.find(want.Step, want.Clients)
		if row == nil {
			t.Errorf("no row %s with %d clients", want.Step, want.Clients)
			continue
		}
		if want.Clients > 0 && row.figure("rate").Median <= 0 {
			t.Errorf("%s with %d clients has no rate", want.Step, want.Clients)
		}
	}
}

// everyStep are rows of all steps, whatever the stores.
var everyStep = []Row{
	{Step: "echo", Clients: 1}, {Step: "echo", Clients: 4},
	{Step: "send", Clients: 1}, {Step: "send", Clients: 4}, {Step: "hot", Clients: 4},
	{Step: "inbox", Clients: 4}, {Step: "messages", Clients: 4}, {Step: "unread", Clients: 4}, {Step: "me", Clients: 4},
	{Step: "inbox while writing", Clients: 4}, {Step: "me while writing", Clients: 4},
	{Step: "visible"}, {Step: "visible under load, polled"}, {Step: "idle"}, {Step: "rebuild"}, {Step: "startup"},
	{Step: "cold, 100 messages"}, {Step: "cold, a fifth unseen"},
	{Step: "publish to few tenants", Clients: 4}, {Step: "publish to many", Clients: 4},
	{Step: "board", Clients: 4}, {Step: "board, never asked before", Clients: 4},
	{Step: "search", Clients: 4}, {Step: "search, never asked before", Clients: 4}, {Step: "comment", Clients: 4},
	{Step: "open over and over", Clients: 8}, {Step: "open, full board over and over", Clients: 8},
	{Step: "upload", Clients: 1}, {Step: "upload", Clients: 8}, {Step: "download", Clients: 8},
}

// Every step passes its own checks: each answer is the right one, and as much is
// unread as was sent.
func TestEveryStepRunsAgainstTheProgram(t *testing.T) {
	report, out := reported(t)
	has(t, &report, append(everyStep, Row{Step: "fdatasync", Clients: 1})...)
	if !strings.Contains(out, "bars met") {
		t.Errorf("the text ends without the bars:\n%s", out)
	}
}

// Ctrl-C ends the run and its servers, and nothing is left behind.
func TestInterruptCleansUp(t *testing.T) {
	work := t.TempDir()
	c := tiny(work, "--duration", "10m")
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stderr.Read(make([]byte, 1)) // the first step has been announced
	c.Process.Signal(os.Interrupt)
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("an interrupted run ended well")
		}
	case <-time.After(30 * time.Second):
		c.Process.Kill()
		t.Fatal("still runs")
	}
	if left, _ := os.ReadDir(work); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := Options{Clients: []int{1}, Duration: time.Second, Rounds: 1,
		Seed: Seed{People: 10, Channels: 8, Messages: 500, Events: 2000, Cold: 1000, Text: 1, Tenants: 10, Posts: 100, Open: 3, File: 1}}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Options){
		"a step":   func(o *Options) { o.Steps = []string{"send", "fly"} },
		"clients":  func(o *Options) { o.Clients = []int{0} },
		"rounds":   func(o *Options) { o.Rounds = 0 },
		"channels": func(o *Options) { o.Seed.Channels = 10 },
		"a page":   func(o *Options) { o.Seed.Messages = 499 },
		"a board":  func(o *Options) { o.Seed.Posts = 99 },
		"tenants":  func(o *Options) { o.Seed.Tenants = 9 },
		"a file":   func(o *Options) { o.Seed.File = 26 << 20 },
	} {
		bad := good
		bad.Steps, bad.Clients = slices.Clone(good.Steps), slices.Clone(good.Clients)
		if spoil(&bad); bad.check() == nil {
			t.Errorf("%s that cannot be measured is accepted", name)
		}
	}
}

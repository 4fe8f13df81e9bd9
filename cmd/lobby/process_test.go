package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/httpapi"
)

// patience bounds every wait of these tests; what is waited for comes in
// milliseconds.
const patience = 30 * time.Second

// process is a running lobby.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	first  string // line of its output
	base   string // URL of its API
	stdout *bufio.Reader
	stderr *synced
	client *http.Client
	ended  chan error
}

// start starts lobby and waits for the first line that has an address.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("lobby", args...), stderr: new(synced), ended: make(chan error, 1), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = p.stderr
	stdout, out, err := os.Pipe() // not StdoutPipe, which Wait closes under the reader
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout = out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		p.cmd.Process.Kill() // where the test has not ended it
		p.client.CloseIdleConnections()
		stdout.Close()
	})
	p.stdout = bufio.NewReader(stdout)
	if p.first, err = p.stdout.ReadString('\n'); err != nil {
		t.Fatalf("lobby %s said nothing: %v\n%s", strings.Join(args, " "), err, p.stderr)
	}
	if p.base = regexp.MustCompile(`http://\S+:\d+`).FindString(p.first); p.base == "" {
		t.Fatalf("no address in %q", p.first)
	}
	return p
}

// serve starts lobby serve on a directory and waits until it is ready.
func serve(t *testing.T, data string, args ...string) *process {
	t.Helper()
	p := start(t, nil, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, args...)...)
	until(t, "the server is ready", func() bool { return p.get("", "/readyz", nil) == http.StatusOK })
	return p
}

// end waits for the process to end, and returns its exit code.
func (p *process) end() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			p.t.Fatal(err)
		}
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("lobby does not end\n%s", p.stderr)
		return -1
	}
}

// signal ends the process by a signal, and returns its exit code.
func (p *process) signal(s os.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	return p.end()
}

// commandAnswer is the part of an answer or problem that the tests look at.
type commandAnswer struct {
	ID, Stream, Position, Code string
	Events                     int
}

// send sends one command under a key. It fails only where no whole answer came.
func (p *process) send(token, key, method, path, body string) (status int, answer commandAnswer, err error) {
	request, err := http.NewRequest(method, p.base+"/v1"+path, strings.NewReader(body))
	if err != nil {
		return 0, answer, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, answer, err
	}
	defer response.Body.Close()
	return response.StatusCode, answer, json.NewDecoder(response.Body).Decode(&answer)
}

// must sends a command that succeeds.
func (p *process) must(token, method, path, body string) commandAnswer {
	p.t.Helper()
	status, answer, err := p.send(token, "", method, path, body)
	if err != nil || status/100 != 2 {
		p.t.Fatalf("%s %s: %d %s, %v", method, path, status, answer.Code, err)
	}
	return answer
}

// get reads what is at a path: JSON, or a text into a *string. It returns the
// status, 0 where no answer came.
func (p *process) get(token, path string, into any) int {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodGet, p.base+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0
	}
	switch into := into.(type) {
	case nil:
	case *string:
		*into = string(body)
	default:
		if err := json.Unmarshal(body, into); err != nil {
			p.t.Fatalf("%s: %v in %s", path, err, body)
		}
	}
	return response.StatusCode
}

// tokenOf mints a token with the key of a data directory.
func tokenOf(t *testing.T, data string, person uuid.UUID, platform bool) string {
	t.Helper()
	key, err := openKey(data)
	if err != nil {
		t.Fatal(err)
	}
	token, err := key.Mint(httpapi.Caller{Person: person, Platform: platform}, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// person registers somebody and returns a token of theirs.
func (p *process) person(data, role, name string) (id uuid.UUID, token string) {
	p.t.Helper()
	answer := p.must(tokenOf(p.t, data, uuid.New(), true), http.MethodPost, "/persons", fmt.Sprintf(`{"role":%q,"name":%q}`, role, name))
	id = uuid.MustParse(answer.ID)
	return id, tokenOf(p.t, data, id, false)
}

// connect connects two people and returns their channel.
func (p *process) connect(inviter, invitee string, id uuid.UUID) (channel string) {
	p.t.Helper()
	channel = p.must(inviter, http.MethodPost, "/connections", fmt.Sprintf(`{"person":%q}`, id)).Stream
	p.must(invitee, http.MethodPost, "/connections/"+channel+"/accept", "")
	return channel
}

// until asks again and again whether something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for again := time.NewTicker(2 * time.Millisecond); ; <-again.C {
		if so() {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// synced is a buffer that a process writes to while a test reads it.
type synced struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (s *synced) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.Write(b)
}

func (s *synced) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.String()
}

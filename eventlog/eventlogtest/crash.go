package eventlogtest

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

const (
	crashRounds  = 50
	crashWriters = 8
	crashPlace   = "EVENTLOGTEST_CRASH_PLACE"
)

// Crash proves, for an engine that runs inside the process, that an acknowledged
// append survives the end of the process at any point, and that one without an
// answer is whole or absent. It runs the test binary again as a child that
// appends from several goroutines and says what was acknowledged, kills it at a
// random moment, looks at the log, and does so again on the same log.
//
// The calling test must call nothing but Crash: it is what the child runs too.
func Crash(t *testing.T, open Open) {
	if place := os.Getenv(crashPlace); place != "" {
		crashChild(t, open, place)
		return
	}
	place := t.TempDir()
	acknowledged := map[string]acknowledgement{}
	whole := map[string]int{}
	for round := range crashRounds {
		for _, a := range crashRound(t, place) {
			acknowledged[a.stream] = a
		}
		checkAfterCrash(t, open, place, acknowledged, whole)
		if t.Failed() {
			t.Fatalf("after %d crashes", round+1)
		}
	}
	if len(acknowledged) < crashRounds*crashWriters/2 {
		t.Fatalf("only %d streams were acknowledged in %d rounds", len(acknowledged), crashRounds)
	}
}

// acknowledgement says that a stream has events 0 to revision, the last of them at position.
type acknowledgement struct {
	stream   string
	revision eventlog.Revision
	position string
}

// crashEvents makes the events of the nth append to a stream: how many, their ids
// and their data all follow from the stream's name, so that whoever reads them
// can tell a whole append from a part.
func crashEvents(stream string, n int) []eventlog.Event {
	events := make([]eventlog.Event, n%5+1)
	for i := range events {
		id := uuid.NewSHA1(uuid.NameSpaceOID, binary.BigEndian.AppendUint32([]byte(stream), uint32(n*16+i)))
		events[i] = eventlog.Event{ID: id, Kind: "crashed", Data: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, n, strings.Repeat("p", n*37%500))}
	}
	return events
}

func crashChild(t *testing.T, open Open, place string) {
	l, err := open(place)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // one line at a time
	for range crashWriters {
		go func() {
			stream := "crash-" + uuid.NewString()
			at := eventlog.NoStream
			for n := 0; ; n++ {
				a, err := l.Append(context.Background(), stream, at, crashEvents(stream, n))
				mu.Lock()
				if err != nil {
					fmt.Printf("failed %v\n", err)
				} else {
					fmt.Printf("ack %s %d %s\n", stream, a.Revision, a.Positions[len(a.Positions)-1])
				}
				mu.Unlock()
				at = a.Revision
			}
		}()
	}
	select {} // until killed
}

// crashRound runs one child, kills it after a random number of acknowledgements,
// and answers with the last of each stream.
func crashRound(t *testing.T, place string) map[string]acknowledgement {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^"+strings.Split(t.Name(), "/")[0]+"$")
	child.Env = append(os.Environ(), crashPlace+"="+place)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	killAfter := 1 + rand.IntN(200)
	last := map[string]acknowledgement{}
	lines := bufio.NewReader(out)
	for n := 0; ; {
		line, err := lines.ReadString('\n')
		if err == io.EOF { // all that the child said before it was killed is read
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var a acknowledgement
		if _, err := fmt.Sscanf(line, "ack %s %d %s\n", &a.stream, &a.revision, &a.position); err != nil {
			t.Errorf("the child said %q", line)
			child.Process.Kill()
			continue
		}
		last[a.stream] = a
		if n++; n == killAfter {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	child.Wait()
	if code := child.ProcessState.ExitCode(); code != -1 {
		t.Fatalf("the child ended by itself, with status %d", code)
	}
	return last
}

package readmodeltest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lobby.example/readmodel"
)

// The environment of a process that is started to be killed.
const (
	crashPlace   = "READMODELTEST_CRASH_PLACE"
	crashFilling = "READMODELTEST_CRASH_FILLING"
)

// crashRows are written in turn, so what a position means is known from its number.
const crashRows = 40

func crashBatch(n int) (list []readmodel.Operation) {
	for i := range 10 {
		list = append(list, setNote.Row(fmt.Sprint((n+i)%crashRows), n, strings.Repeat("x", n%300)))
	}
	return append(list, notes.DeleteRow(fmt.Sprint((n+20)%crashRows)), setMark.Row(n%7, "x", true, time.UnixMicro(int64(n)).UTC()))
}

// applyUntilKilled is the life of that process: it says every number that is in.
func applyUntilKilled(t *testing.T, e readmodel.Engine) {
	var s readmodel.Store
	var err error
	if os.Getenv(crashFilling) != "" {
		_, s, err = e.Create(t.Context(), model)
	} else {
		s, err = e.Open(t.Context(), model, readmodel.Build{Version: model.Version, Number: 1})
	}
	must(t, err)
	c, err := s.Checkpoint(t.Context())
	must(t, err)
	for n := number(t, c); ; n++ {
		must(t, s.Apply(t.Context(), at(n), at(n+1), crashBatch(n+1)))
		fmt.Printf("applied %d\n", n+1)
	}
}

// kill starts the process and kills it after so many numbers. It answers with the
// last one that was said.
func kill(t *testing.T, place string, after int, environment ...string) (last int) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	name, _, _ := strings.Cut(t.Name(), "/")
	child := exec.Command(self, "-test.run=^"+name+"$")
	child.Env = append(append(os.Environ(), crashPlace+"="+place), environment...)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for said := 0; lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "applied %d", &last); err != nil {
			t.Errorf("the process says %q", lines.Text())
		}
		if said++; said == after {
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err == nil || last == 0 {
		t.Fatalf("the process ended by itself after %d: %v", last, err)
	}
	return last
}

func crashes(t *testing.T, engine Engine) {
	place := engine.Place(t)
	e := reopen(t, engine, place)
	b, s, err := e.Create(t.Context(), model)
	must(t, err)
	must(t, s.Finish(t.Context()))
	must(t, e.Close())
	want := rows{}
	done := 0
	for round := range 20 {
		said := kill(t, place, 1+round*7%40)
		e := engine.Open(t, place)
		s, err := e.Open(t.Context(), model, b)
		must(t, err)
		// A server may still be at the last transaction of the process: both are of one
		// moment.
		got, c := dumpAt(t, s)
		n := number(t, c)
		if n < said {
			t.Fatalf("the checkpoint is %d after %d was applied", n, said)
		}
		for ; done < n; done++ {
			for _, op := range crashBatch(done + 1) {
				want.apply(op)
			}
		}
		equal(t, got, want.text())
		must(t, e.Close())
	}
	t.Logf("%d batches in 20 lives", done)
}

func crashWhileFilling(t *testing.T, engine Engine) {
	place := engine.Place(t)
	kill(t, place, 20, crashFilling+"=1")
	dropUnfinished(t, reopen(t, engine, place), readmodel.Build{Version: model.Version, Number: 1})
}

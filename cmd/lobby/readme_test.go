package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The README's tour is run as it is printed, and each answer printed below a
// block of commands is compared with what came, but for ids, positions and times.
func TestReadmeTour(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tour, _ := strings.Cut(string(text), "\n## A tour\n")
	tour, _, _ = strings.Cut(tour, "\n## ")
	tour = strings.ReplaceAll(tour, "127.0.0.1:8080", freeAddress(t))

	const end = "=== end of block ==="
	var script strings.Builder
	var want []string
	for _, block := range regexp.MustCompile("(?s)```(sh|json)\n(.*?)```").FindAllStringSubmatch(tour, -1) {
		if block[1] == "sh" {
			fmt.Fprintf(&script, "%s\necho; echo '%s'\n", block[2], end)
			want = append(want, "")
		} else {
			want[len(want)-1] = block[2]
		}
	}
	if len(want) < 6 {
		t.Fatalf("the README has %d blocks of commands in its tour; was its form changed?", len(want))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-eu")
	shell.Dir = "../.."
	shell.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	shell.Stdin = strings.NewReader(script.String())
	shell.Stderr = os.Stderr
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := strings.Split(string(out), end)
	for i := range want {
		if g, w := normal(got[i]), normal(want[i]); g != w {
			t.Errorf("block %d of the tour answered\n%s\nbut the README says\n%s", i+1, g, w)
		}
	}
}

// normal leaves of an answer what is the same in every run.
func normal(answers string) string {
	for _, r := range []struct{ pattern, with string }{
		{`[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`, "ID"},
		{`[0-9a-f]{16}-(\d+)`, "LOG-$1"},
		{`\d{4}-\d\d-\d\dT[0-9:.]+Z`, "TIME"},
		{`\n+`, "\n"},
	} {
		answers = regexp.MustCompile(r.pattern).ReplaceAllString(answers, r.with)
	}
	return strings.TrimSpace(answers)
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

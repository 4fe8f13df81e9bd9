package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lobby.example/readmodel/postgres/pgtest"
)

var update = flag.Bool("update", false, "write the answers into tours whose answers have changed")

// tours are the documents with commands that are run as they are printed, and the
// first words of the part that has them.
var tours = map[string]string{
	"README.md":          "\n## A tour\n",
	"docs/tour.md":       "\n## A server\n",
	"docs/delivery.md":   "\n## A server that delivers\n",
	"docs/operations.md": "\n## On PostgreSQL\n",
}

// block is one of a tour's blocks of commands, with what is printed below it.
var block = regexp.MustCompile("(?s)```(sh|json|text)\n(.*?)```\n")

// Each answer printed below a block of commands is compared with what came, but
// for times and what is made anew for each server.
func TestTours(t *testing.T) {
	for name, from := range tours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := "../../" + name
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			before, text, _ := strings.Cut(string(content), from)
			tour, after, more := strings.Cut(text, "\n## Where to go on\n")
			if !more {
				t.Fatalf("%s has no end of its tour; was its form changed?", name)
			}
			commands, want := readTour(tour)
			if len(commands) < 6 {
				t.Fatalf("%s has %d blocks of commands in its tour; was its form changed?", name, len(commands))
			}
			got := runTour(t, commands)
			g, w := normal(got), normal(want)
			if slices.Equal(g, w) {
				return
			}
			if *update {
				text := before + from + writeTour(tour, got) + "\n## Where to go on\n" + after
				if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			for i := range w {
				if g[i] != w[i] {
					t.Errorf("block %d of the tour\n%s\nanswered\n%s\nbut %s says\n%s", i+1, commands[i], g[i], name, w[i])
				}
			}
		})
	}
}

// readTour finds the blocks of commands, and the answers below each.
func readTour(tour string) (commands, answers []string) {
	for _, part := range block.FindAllStringSubmatch(tour, -1) {
		if part[1] == "sh" {
			commands, answers = append(commands, part[2]), append(answers, "")
		} else {
			answers[len(answers)-1] = part[2]
		}
	}
	return commands, answers
}

// runTour runs the commands in one shell, from the root of the module.
func runTour(t *testing.T, commands []string) []string {
	const end = "=== end of block ==="
	var script strings.Builder
	script.WriteString("server=\ntrap 'test -z \"$server\" || kill $server 2>/dev/null || :' EXIT\n") // where the tour does not get to its end
	for _, c := range commands {
		fmt.Fprintf(&script, "%s\necho; echo '%s'\n", c, end)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-eu")
	shell.Dir = "../.."
	shell.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	if slices.ContainsFunc(commands, func(c string) bool { return strings.Contains(c, "$DATABASE") || strings.Contains(c, "${DATABASE") }) {
		shell.Env = append(shell.Env, "DATABASE="+pgtest.Start(t).URL())
	}
	shell.Stdin = strings.NewReader(strings.ReplaceAll(script.String(), "127.0.0.1:8080", freeAddress(t)))
	shell.Stderr = os.Stderr
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.Split(string(out), end)[:len(commands)]
}

// normal leaves of answers what is the same in every run. An id that was made
// anew is called by when it came first, so that it has to be the same wherever it
// was the same. A line that begins with a space goes on from the one above.
func normal(answers []string) []string {
	names := map[string]string{}
	numbered := func(id string) string {
		if names[id] == "" {
			names[id] = fmt.Sprintf("ID-%d", len(names)+1)
		}
		return names[id]
	}
	var all []string
	for _, answer := range answers {
		answer = regexp.MustCompile(`\n +`).ReplaceAllString(answer, "")
		answer = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`).ReplaceAllStringFunc(answer, numbered)
		for _, r := range []struct{ pattern, with string }{
			{`[0-9a-f]{16}-(\d+)`, "LOG-$1"},
			{`\d{4}-\d\d-\d\dT[0-9:.]+Z`, "TIME"},
			{`127\.0\.0\.1:\d+`, "ADDRESS"},
			{`\r`, ""},
			{`\n+`, "\n"},
		} {
			answer = regexp.MustCompile(r.pattern).ReplaceAllString(answer, r.with)
		}
		all = append(all, strings.TrimSpace(answer))
	}
	return all
}

// writeTour puts answers below the blocks of commands, in place of what was there.
func writeTour(tour string, answers []string) string {
	tour = block.ReplaceAllStringFunc(tour, func(part string) string {
		if strings.HasPrefix(part, "```sh\n") {
			return part
		}
		return ""
	})
	return block.ReplaceAllStringFunc(tour, func(part string) string {
		var answer string
		answer, answers = strings.TrimSpace(strings.ReplaceAll(answers[0], "\r", "")), answers[1:]
		if answer == "" {
			return part
		}
		kind := "text"
		if strings.HasPrefix(answer, "{") {
			kind = "json"
		}
		var lines []string
		for line := range strings.SplitSeq(answer, "\n") {
			if line != "" {
				lines = append(lines, wrapped(line)...)
			}
		}
		return part + "```" + kind + "\n" + strings.Join(lines, "\n") + "\n```\n"
	})
}

// wrapped breaks a long line of JSON after commas, so that it can be read.
func wrapped(line string) (lines []string) {
	const width = 120
	for len(line) > width {
		cut, quoted := 0, false
		for i := 0; i < len(line)-1 && (i < width || cut == 0); i++ {
			switch line[i] {
			case '\\':
				i++
			case '"':
				quoted = !quoted
			case ',':
				if !quoted {
					cut = i + 1
				}
			}
		}
		if cut == 0 {
			break
		}
		lines, line = append(lines, line[:cut]), " "+line[cut:]
	}
	return append(lines, line)
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

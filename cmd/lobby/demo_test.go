package main

import (
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	temporary := t.TempDir()
	p := start(t, []string{"TMPDIR=" + temporary}, "demo")
	text := p.first
	for !strings.Contains(text, "Ctrl-C ends it") {
		line, err := p.stdout.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after\n%s\n%s", err, text, p.stderr)
		}
		text += line
	}
	if status := p.get("", "/docs", nil); !strings.Contains(text, p.base+"/docs") || status != http.StatusOK {
		t.Errorf("/docs: %d", status)
	}

	tokens := map[string]string{} // by name
	for _, match := range regexp.MustCompile(`(?m)^(.+) \((landlord|tenant|service_pro)\)\n(eyJ\S+)$`).FindAllStringSubmatch(text, -1) {
		var me struct{ Name, Role string }
		if status := p.get(match[3], "/v1/me", &me); status != http.StatusOK || me.Name != match[1] || me.Role != match[2] {
			t.Errorf("the token of %s (%s) answers %d %v", match[1], match[2], status, me)
		}
		tokens[match[1]] = match[3]
	}
	if len(tokens) != len(demoPeople) {
		t.Fatalf("%d tokens for %d people", len(tokens), len(demoPeople))
	}
	platform := regexp.MustCompile(`(?m)^platform\n(eyJ\S+)$`).FindStringSubmatch(text)
	if platform == nil {
		t.Fatalf("no token for the platform in\n%s", text)
	}
	p.must(platform[1], http.MethodPost, "/persons", `{"name":"Somebody New","role":"tenant"}`)

	t.Run("what it tells to try has something to show", func(t *testing.T) { tryDemo(t, text) })
	t.Run("what it mails shows", func(t *testing.T) { checkDemoMail(t, text) })
	t.Run("what it counts is there", func(t *testing.T) { countDemo(t, p, tokens, text) })
	t.Run("its board", func(t *testing.T) { checkDemoBoard(t, p, tokens) })
	t.Run("its maintenance requests", func(t *testing.T) { checkDemoRequests(t, p, tokens) })

	if code := p.signal(os.Interrupt); code != 0 {
		t.Errorf("ended with %d\n%s", code, p.stderr)
	}
	checkEmpty(t, temporary)
	if said := p.stderr.String(); said != "" {
		t.Errorf("it complains: %s", said)
	}
}

func checkDemoMail(t *testing.T, text string) {
	for _, c := range demoCopies {
		if !strings.Contains(text, "    "+c.text) || !strings.Contains(text, "Mailed to "+emailOf(demoPeople[c.flat].name)+"\n") {
			t.Errorf("the copy of %q is not in\n%s", c.text, text)
		}
	}
}

func tryDemo(t *testing.T, text string) {
	curls := regexp.MustCompile(`(?m)^curl .*$`).FindAllString(text, -1)
	shows := []string{`"section":"board"`, `"next_cursor":`, "bicycle pump", "kitchen tap", "House rules of Linden Street 12\n"}
	if len(curls) != len(shows) {
		t.Fatalf("curl lines: %q", curls)
	}
	for i, line := range curls {
		out, err := exec.Command("sh", "-c", line).Output()
		if err != nil || !strings.Contains(string(out), shows[i]) {
			t.Errorf("%s\nanswers %q, %v, without %q", line, out, err, shows[i])
		}
	}
}

// Whoever has no patience gets a clean end, too.
func TestDemoEndsWhileItIsFilled(t *testing.T) {
	temporary := t.TempDir()
	demo := exec.Command("lobby", "demo")
	demo.Env = append(os.Environ(), "TMPDIR="+temporary)
	said := new(synced)
	demo.Stdout, demo.Stderr = said, said
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "it has a log", func() bool {
		logs, err := os.ReadDir(temporary)
		if err != nil || len(logs) == 0 {
			return false
		}
		_, err = os.Stat(temporary + "/" + logs[0].Name() + "/" + logFile)
		return err == nil
	})
	if err := demo.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := demo.Wait(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	checkEmpty(t, temporary)
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

package main

import (
	"encoding/json"
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

	tokens := regexp.MustCompile(`(?m)^(.+) \((landlord|tenant|service_pro)\)\n(eyJ\S+)$`).FindAllStringSubmatch(text, -1)
	if len(tokens) != len(demoPeople) {
		t.Errorf("%d tokens for %d people", len(tokens), len(demoPeople))
	}
	for _, match := range tokens {
		var me struct{ Name, Role string }
		if status := p.get(match[3], "/v1/me", &me); status != http.StatusOK || me.Name != match[1] || me.Role != match[2] {
			t.Errorf("the token of %s (%s) answers %d %v", match[1], match[2], status, me)
		}
	}
	platform := regexp.MustCompile(`(?m)^platform\n(eyJ\S+)$`).FindStringSubmatch(text)
	if platform == nil {
		t.Fatalf("no token for the platform in\n%s", text)
	}
	p.must(platform[1], http.MethodPost, "/persons", `{"name":"Somebody New","role":"tenant"}`)

	curls := regexp.MustCompile(`(?m)^curl .*$`).FindAllString(text, -1)
	if len(curls) != 3 {
		t.Errorf("curl lines: %q", curls)
	}
	for _, line := range curls {
		out, err := exec.Command("sh", "-c", line).Output()
		var answer struct {
			Total              int
			Channels, Contacts []any
		}
		if err != nil || json.Unmarshal(out, &answer) != nil || len(answer.Channels)+len(answer.Contacts) == 0 {
			t.Errorf("%s\nanswers %q, %v", line, out, err)
		}
		if strings.Contains(line, "/unread") && answer.Total == 0 {
			t.Errorf("there is nothing to see in %s", out)
		}
	}

	if code := p.signal(os.Interrupt); code != 0 {
		t.Errorf("ended with %d\n%s", code, p.stderr)
	}
	checkEmpty(t, temporary)
	if said := p.stderr.String(); said != "" {
		t.Errorf("it complains: %s", said)
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

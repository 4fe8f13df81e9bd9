package main

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// node is an event store, a process of its own.
type node struct {
	cmd      *exec.Cmd
	dir, url string
}

func startNode(t *testing.T, dir, address string) *node {
	t.Helper()
	n := &node{cmd: exec.Command("esdbnode", dir, address), dir: dir}
	n.cmd.Stderr = os.Stderr
	out, err := n.cmd.StdoutPipe()
	if err == nil {
		err = n.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.kill() })
	line, _ := bufio.NewReader(out).ReadString('\n')
	if n.url = regexp.MustCompile(`esdb://\S+`).FindString(line); n.url == "" {
		t.Fatalf("no URL of an event store in %q", line)
	}
	return n
}

func (n *node) kill() {
	n.cmd.Process.Kill()
	n.cmd.Wait()
}

package sqlitelog

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// childTask, when set, makes TestChild do something in a process of its own.
const childTask = "SQLITELOG_CHILD"

func child(tool []string, task ...string) *exec.Cmd {
	args := append(tool, os.Args[0], "-test.run=^TestChild$")
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childTask+"="+strings.Join(task, " "))
	return cmd
}

// TestChild is not a test but the other process of those below.
func TestChild(t *testing.T) {
	task := strings.Fields(os.Getenv(childTask))
	if len(task) == 0 {
		return
	}
	l, err := Open(task[0], Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	writers, _ := strconv.Atoi(task[1])
	each, _ := strconv.Atoi(task[2])
	var work sync.WaitGroup
	for range writers {
		work.Go(func() {
			stream := "post-" + uuid.NewString()
			for at := range each {
				if _, err := l.Append(context.Background(), stream, eventlog.Revision(at)-1, []eventlog.Event{event()}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
}

// syncs counts the fsyncs of a process that appends.
func syncs(t *testing.T, writers, each int) int {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatalf("this test counts fsyncs with strace, which is not installed (%v); on Debian: apt-get install strace", err)
	}
	dir := t.TempDir()
	report := filepath.Join(dir, "strace")
	cmd := child([]string{strace, "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", report},
		filepath.Join(dir, "log"), strconv.Itoa(writers), strconv.Itoa(each))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		// % time, seconds, usecs/call, calls, perhaps errors, syscall
		if f := strings.Fields(line); len(f) >= 5 && (f[len(f)-1] == "fsync" || f[len(f)-1] == "fdatasync") {
			calls, err := strconv.Atoi(f[3])
			if err != nil {
				t.Fatalf("strace said:\n%s", text)
			}
			n += calls
		}
	}
	return n
}

// A killed process alone does not prove an fsync: the kernel keeps what was
// written. So they are counted.
func TestEveryAppendIsSynced(t *testing.T) {
	before := syncs(t, 1, 0)
	const each = 100
	if n := syncs(t, 1, each) - before; n < each {
		t.Errorf("%d syncs for %d appends, one after the other", n, each)
	}
	const writers = 64
	n := syncs(t, writers, each) - before
	t.Logf("%d syncs for %d appends of %d writers", n, writers*each, writers)
	if n > writers*each/4 || n < each {
		t.Errorf("%d syncs for %d appends of %d writers: they should share them", n, writers*each, writers)
	}
}

func TestASecondProcessIsKeptOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l := open(t, path, Options{})
	if out, err := child(nil, path, "1", "1").CombinedOutput(); err == nil || !strings.Contains(string(out), ErrLocked.Error()) {
		t.Fatalf("a second process opened the log: %v\n%s", err, out)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := child(nil, path, "1", "1").CombinedOutput(); err != nil {
		t.Fatalf("after Close: %v\n%s", err, out)
	}
}

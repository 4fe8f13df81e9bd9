package pgtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const child = "PGTEST_CHILD"

// However a process of tests ends, nothing of its server stays.
func TestTheServerEndsWithItsProcess(t *testing.T) {
	if os.Getenv(child) != "" {
		s := Start(t)
		fmt.Println(s.directory, s.process.Process.Pid)
		select {}
	}
	self := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	self.Env = append(os.Environ(), child+"=1")
	out, err := self.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	var directory string
	var pid int
	if _, err := fmt.Fscan(out, &directory, &pid); err != nil {
		t.Fatal(err)
	}
	self.Process.Kill()
	self.Wait()
	gone := func() bool {
		_, err := os.Stat(directory)
		return errors.Is(err, fs.ErrNotExist) && syscall.Kill(pid, 0) != nil
	}
	for late := time.Now().Add(20 * time.Second); !gone(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%s or the process %d is still there", directory, pid)
		}
	}
}

// A server that is killed keeps what it has promised to keep, and nothing of it runs on.
func TestAKilledServerKeepsWhatWasCommitted(t *testing.T) {
	s := Start(t)
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	var fsync, commit string
	if err := conn.QueryRow(t.Context(), `select current_setting('fsync'), current_setting('synchronous_commit')`).Scan(&fsync, &commit); err != nil || fsync != "on" || commit != "on" {
		t.Errorf("fsync is %s, synchronous_commit is %s: %v", fsync, commit, err)
	}
	if _, err := conn.Exec(t.Context(), `create table t as select 1 as n`); err != nil {
		t.Fatal(err)
	}
	children := childrenOf(s.process.Process.Pid)
	if len(children) < 3 {
		t.Errorf("the server has the processes %v", children)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), s.URL()); err == nil {
		t.Error("a killed server answers")
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if conn, err = pgx.Connect(t.Context(), s.URL()); err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var n int
	if err := conn.QueryRow(t.Context(), `select n from t`).Scan(&n); err != nil {
		t.Error(err)
	}
}

func TestWithoutAServerItIsSaidWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	before := places
	places = nil
	defer func() { places = before }()
	_, err := binaries()
	if err == nil {
		t.Fatal("there are binaries nowhere")
	}
	for _, want := range []string{"apt-get install postgresql", "15", Variable} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

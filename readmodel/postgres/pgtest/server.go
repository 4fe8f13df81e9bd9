package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// user is who owns everything in a private server.
const user = "lobby"

// startWithin bounds how long a server may take to answer, the recovery from a
// crash included.
const startWithin = time.Minute

// Server is a private PostgreSQL.
type Server struct {
	bin, directory string
	as             *syscall.SysProcAttr
	process        *exec.Cmd
	ended          chan struct{} // closed when the process has
	watchdog       io.Closer     // its end is the end of the server
}

// Start starts a server for one test, to be killed and started again as the test
// likes. It is there even where LOBBY_TEST_POSTGRES names another.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := launch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

// URL is the address of its database.
func (s *Server) URL() string { return address(s.directory) }

// Kill ends the server and all of its processes at once, as a power cut would.
func (s *Server) Kill() error {
	pid := s.process.Process.Pid
	children := childrenOf(pid)
	err := s.process.Process.Kill()
	for _, child := range children {
		syscall.Kill(child, syscall.SIGKILL) // it may have ended by itself
	}
	<-s.ended
	return err
}

// Restart starts a server again that was killed, and waits until it answers.
func (s *Server) Restart() error {
	out, err := os.OpenFile(s.log(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	deadline := time.Now().Add(startWithin)
	for {
		s.process = exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories="+s.directory,
			"-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on", "-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "log_min_messages=fatal")
		s.process.Stdout, s.process.Stderr, s.process.SysProcAttr, s.process.Dir = out, out, s.as, s.directory
		if err := s.process.Start(); err != nil {
			return err
		}
		process, ended := s.process, make(chan struct{})
		s.ended = ended
		go func() { process.Wait(); close(ended) }()
		err := s.answers(deadline, ended)
		if err == nil {
			return nil
		}
		if !errors.Is(err, errEnded) || time.Now().After(deadline) {
			text, _ := os.ReadFile(s.log())
			return fmt.Errorf("pgtest: the server does not start: %w\n%s", err, text)
		}
		// What a killed server leaves behind may live for another moment.
	}
}

var errEnded = errors.New("it has ended")

// answers waits for the server to take connections.
func (s *Server) answers(deadline time.Time, ended <-chan struct{}) error {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ended:
			return errEnded
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *Server) data() string { return filepath.Join(s.directory, "data") }
func (s *Server) log() string  { return filepath.Join(s.directory, "log") }

// stop is what also happens when this process ends.
func (s *Server) stop() { s.watchdog.Close() }

// launch makes a server and waits until it answers.
func launch() (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if s.directory, err = os.MkdirTemp(shortTemp(), "lobby-pg-"); err != nil {
		return nil, err
	}
	if err := s.own(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.directory))
	}
	if err := s.watch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.directory))
	}
	// What initdb writes is not worth waiting for the disk: the server syncs what it
	// writes itself.
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", s.data(), "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = s.as, s.directory
	if out, err := initdb.CombinedOutput(); err != nil {
		s.stop()
		return nil, fmt.Errorf("pgtest: initdb: %w\n%s", err, out)
	}
	if err := s.Restart(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// watch starts a shell that waits for this process to end, which closes the pipe
// between them however it ends, and then stops the server and cleans up.
func (s *Server) watch() error {
	shell := exec.Command("/bin/sh", "-c", `
		read end
		pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
		while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
		rm -rf "$0"`, s.directory)
	shell.SysProcAttr, shell.Dir = &syscall.SysProcAttr{Setsid: true}, "/"
	in, err := shell.StdinPipe()
	if err != nil {
		return err
	}
	s.watchdog = in
	if err := shell.Start(); err != nil {
		return err
	}
	go shell.Wait()
	return nil
}

// childrenOf lists the processes that a process has started.
func childrenOf(pid int) (list []int) {
	out, _ := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	for line := range strings.Lines(string(out)) {
		var child, parent int
		if n, _ := fmt.Sscan(line, &child, &parent); n == 2 && parent == pid {
			list = append(list, child)
		}
	}
	return list
}

// number is an id in the words of the system.
func number(text string) uint32 {
	n, _ := strconv.ParseUint(text, 10, 32)
	return uint32(n)
}

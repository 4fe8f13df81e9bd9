package queue

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// childTask, when set, makes TestChild do something in a process of its own.
const childTask = "QUEUE_CHILD"

func child(task ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childTask+"="+strings.Join(task, " "))
	cmd.Stderr = os.Stderr
	return cmd
}

// TestChild is not a test but the other process of those that have one.
func TestChild(t *testing.T) {
	task := strings.Fields(os.Getenv(childTask))
	if len(task) == 0 {
		return
	}
	s, err := Open(task[1])
	if err == nil {
		err = map[string]func(*Store, ...string) error{
			"deliver": childDelivers, "own": childOwns, "retry": childRetries, "keep": childKeeps,
		}[task[0]](s, task[2:]...)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	os.Exit(0)
}

func killed() error {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err == nil {
		select {} // until it is
	}
	return err
}

// childDelivers takes three attempts for each item, says which, and is killed by
// those for email-crash. It ends when nothing is left that is not parked.
func childDelivers(s *Store, _ ...string) error {
	if err := s.Own(); err != nil {
		return err
	}
	subscriber := NewSubscriber(s, SubscriberOptions{MaxAttempts: 3, Poll: 10 * time.Millisecond})
	messages, err := subscriber.Subscribe(context.Background(), "email")
	if err != nil {
		return err
	}
	look := time.NewTicker(10 * time.Millisecond)
	for {
		select {
		case msg := <-messages:
			i, attempt, err := ItemOf(msg)
			if err != nil {
				return err
			}
			fmt.Printf("%s/%d/%d\n", i.Recipient, i.Revision, attempt)
			if i.Recipient == "email-crash" {
				return killed()
			}
			msg.Ack()
		case <-look.C:
			counts, err := s.Counts(context.Background())
			if err != nil {
				return err
			}
			if c := counts["email"]; c.Items == c.ParkedItems {
				return s.Close()
			}
		}
	}
}

// childOwns owns the store until it is killed.
func childOwns(s *Store, _ ...string) error {
	if err := s.Own(); err != nil {
		return err
	}
	fmt.Println("owns")
	select {}
}

func childRetries(s *Store, recipient ...string) error {
	found, err := s.Retry(context.Background(), recipient[0])
	if err == nil && !found {
		err = errors.New("there is nobody to retry")
	}
	return errors.Join(err, s.Close())
}

// childKeeps keeps secrets, and after each has a change that can come again.
func childKeeps(s *Store, many ...string) error {
	ctx := context.Background()
	n, err := strconv.Atoi(many[0])
	if err == nil {
		err = s.Own()
	}
	for i := 0; i < n && err == nil; i++ {
		if err = s.KeepSecret(ctx, uuid.New(), uuid.New(), "a secret"); err == nil {
			err = s.SaveCheckpoint(ctx, Checkpoint{Position: strconv.Itoa(i)})
		}
	}
	return errors.Join(err, s.Close())
}

func TestOneProcessOwns(t *testing.T) {
	path := place(t)
	cmd := child("own", path)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if said, err := bufio.NewReader(out).ReadString('\n'); said != "owns\n" {
		t.Fatalf("the process says %q, %v", said, err)
	}
	s := open(t, path)
	if err := s.Own(); !errors.Is(err, ErrOwned) {
		t.Errorf("Own beside another process: %v", err)
	}
	if found, err := s.Retry(context.Background(), "email-a"); found || err != nil {
		t.Errorf("Retry beside the owner: %v, %v", found, err)
	}
	must(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Error("the process was not killed")
	}
	must(t, s.Own())
	must(t, s.Own())
	if err := open(t, path).Own(); !errors.Is(err, ErrOwned) {
		t.Errorf("Own by a second store: %v", err)
	}
	must(t, s.Close())
	must(t, open(t, path).Own())
}

func TestTheOwnerSeesWhatAnotherProcessDoes(t *testing.T) {
	path := place(t)
	s := owner(t, path)
	messages, _ := subscribe(t, s, "email", SubscriberOptions{Poll: 10 * time.Millisecond, Backoff: func(int) time.Duration { return time.Hour }})
	plan(t, s, item("email", "email-a", 1))
	expect(t, <-messages, item("email", "email-a", 1), 1).Nack()
	waitFor(t, s, func(r Recipient) bool { return r.Due.After(time.Now().Add(time.Minute)) })
	if out, err := child("retry", path, "email-a").Output(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	expect(t, <-messages, item("email", "email-a", 1), 1).Ack()
}

// syncs counts the fsyncs of a process that keeps secrets.
func syncs(t *testing.T, secrets int) int {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatalf("this test counts fsyncs with strace, which is not installed (%v); on Debian: apt-get install strace", err)
	}
	report := filepath.Join(t.TempDir(), "strace")
	cmd := child("keep", place(t), strconv.Itoa(secrets))
	cmd.Path, cmd.Args = strace, append([]string{strace, "-f", "-e", "trace=fsync,fdatasync", "-o", report}, cmd.Args...)
	if out, err := cmd.Output(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(report)
	must(t, err)
	return strings.Count(string(text), "sync(")
}

// The event that names a secret is on disk for ever: a power cut must not take the
// secret. A killed process does not prove an fsync, so they are counted.
func TestEverySecretIsSynced(t *testing.T) {
	const secrets = 50
	if n := syncs(t, secrets) - syncs(t, 0); n < secrets || n > secrets+10 {
		t.Errorf("%d syncs for %d secrets, with as many changes between them that need none", n, secrets)
	}
}

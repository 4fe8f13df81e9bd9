package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres"
	"lobby.example/readmodel/postgres/pgtest"
)

// follow pulls what a process hears, one after the other.
func follow(t testing.TB, e *postgres.Engine) (next func() (postgres.Commit, error)) {
	pull, stop := iter.Pull2(e.Follow(t.Context(), model.Name))
	t.Cleanup(stop)
	return func() (postgres.Commit, error) {
		c, err, ok := pull()
		if !ok {
			t.Fatal("there is nothing more")
		}
		return c, err
	}
}

func TestEveryProcessHearsOfEveryCommit(t *testing.T) {
	place := pgtest.Place(t)
	writer := process(t, place)
	hears := func(next func() (postgres.Commit, error), want postgres.Commit) {
		t.Helper()
		if got, err := next(); err != nil || got != want {
			t.Fatalf("heard %+v, %v, want %+v", got, err, want)
		}
	}
	early := follow(t, process(t, place))
	hears(early, postgres.Commit{})
	b, s, err := writer.Create(t.Context(), model)
	must(t, err)
	apply(t, s, 1) // while it is filled, which nobody needs to know
	must(t, s.Finish(t.Context()))
	must(t, writer.Serve(t.Context(), model.Name, b))
	hears(early, postgres.Commit{Build: b, Serving: true})
	apply(t, s, 2)
	if err := s.Apply(t.Context(), at(1), at(9), nil); !errors.Is(err, readmodel.ErrMoved) {
		t.Fatal(err)
	}
	apply(t, s, 3)
	hears(early, postgres.Commit{Build: b, Checkpoint: at(2)})
	hears(early, postgres.Commit{Build: b, Checkpoint: at(3)})
	late := process(t, place)
	next := follow(t, late)
	hears(next, postgres.Commit{Build: b, Checkpoint: at(3), Serving: true})
	apply(t, s, 4)
	hears(next, postgres.Commit{Build: b, Checkpoint: at(4)})

	over := make(chan error)
	go func() { over <- late.Close() }()
	if c, err := next(); !errors.Is(err, readmodel.ErrClosed) {
		t.Errorf("heard %+v, %v of a closed engine", c, err)
	}
	must(t, <-over)
	hears(early, postgres.Commit{Build: b, Checkpoint: at(4)})
	terminate(t, place, "lobby follows m")
	if c, err := early(); err == nil {
		t.Errorf("heard %+v over a connection that has ended", c)
	}
}

// terminate ends the sessions of a name, as if their connections had failed.
func terminate(t testing.TB, place, name string) {
	t.Helper()
	url, _ := pgtest.At(place)
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(context.Background())
	var n int
	must(t, conn.QueryRow(t.Context(), `select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1`, name).Scan(&n))
	if n == 0 {
		t.Fatalf("no session is called %q", name)
	}
}

func TestOneProcessOwnsAModel(t *testing.T) {
	place := pgtest.Place(t)
	first, err := process(t, place).Own(t.Context(), model.Name)
	must(t, err)
	second := process(t, place)
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := second.Own(short, model.Name); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a second owner: %v", err)
	}
	other, err := second.Own(t.Context(), "another")
	must(t, err)
	first.Release()
	<-first.Lost()
	again, err := second.Own(t.Context(), model.Name)
	must(t, err)
	defer again.Release()
	select {
	case <-again.Lost():
		t.Error("lost at once")
	default:
	}

	terminate(t, place, "lobby owns another")
	<-other.Lost()
	next, err := second.Own(t.Context(), "another")
	must(t, err)
	next.Release()

	waiting := make(chan error)
	go func() { _, err := second.Own(t.Context(), model.Name); waiting <- err }()
	must(t, second.Close())
	if err := <-waiting; !errors.Is(err, readmodel.ErrClosed) {
		t.Errorf("waiting on a closed engine: %v", err)
	}
}

const ownPlace = "POSTGRES_TEST_OWN_PLACE"

// A process that is killed is followed within seconds.
func TestAKilledOwnerIsFollowed(t *testing.T) {
	if place := os.Getenv(ownPlace); place != "" {
		_, err := process(t, place).Own(t.Context(), model.Name)
		must(t, err)
		fmt.Println("owned")
		select {}
	}
	place := pgtest.Place(t)
	child := exec.Command(os.Args[0], "-test.run=^TestAKilledOwnerIsFollowed$")
	child.Env = append(os.Environ(), ownPlace+"="+place)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	var said string
	if _, err := fmt.Fscan(out, &said); err != nil || said != "owned" {
		t.Fatalf("the process says %q, %v", said, err)
	}
	owned, e := make(chan error), process(t, place)
	go func() {
		o, err := e.Own(t.Context(), model.Name)
		if err == nil {
			o.Release()
		}
		owned <- err
	}()
	select {
	case err := <-owned:
		t.Fatalf("owned beside a living owner: %v", err)
	default:
	}
	must(t, child.Process.Kill())
	child.Wait()
	killed := time.Now()
	must(t, <-owned)
	if took := time.Since(killed); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

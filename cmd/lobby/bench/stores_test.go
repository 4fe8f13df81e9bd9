package bench

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"lobby.example/eventlog/esdbserver/esdbtest"
	"lobby.example/readmodel/postgres/pgtest"
)

// schemas lists what runs of the bench have in a database.
func schemas(t *testing.T, url string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, _ := conn.Query(t.Context(), `select nspname from pg_namespace where starts_with(nspname, 'bench_')`)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Every step does over an event store and PostgreSQL too, with its data in both,
// and the report says what is different there.
func TestEveryStepRunsOverOtherStores(t *testing.T) {
	store, database := esdbtest.Start(t), pgtest.Start(t).URL()
	report, out := reported(t, "--eventstore", store.URL, "--postgres", database)
	has(t, &report, everyStep...)
	if report.find("fdatasync", 1) != nil || report.find("send", 1).figure("over echo and fdatasync") != nil {
		t.Error("the disk of an event store was measured, wherever that is")
	}
	if !strings.Contains(out, "Left out are fdatasync") || !strings.Contains(out, "on PostgreSQL") {
		t.Errorf("does not say what is different:\n%s", out)
	}
	if bar := report.find("rebuild", 0).figure("rate").Bar; bar == nil || bar.AtLeast != 25_000 {
		t.Errorf("the bar of a rebuild on PostgreSQL is %v", bar)
	}
	head, err := store.Log.Head(t.Context())
	if err != nil || head.Commit() < 10_000 {
		t.Errorf("the event store ends at %s, %v", head, err)
	}
	if left := schemas(t, database); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Each store does without the other.
func TestOneStoreAlone(t *testing.T) {
	some := []string{"--steps", "send,unread,rebuild,startup"}
	rows := []Row{{Step: "send", Clients: 4}, {Step: "unread", Clients: 4}, {Step: "rebuild"}, {Step: "startup"}}
	t.Run("event store", func(t *testing.T) {
		report, _ := reported(t, append(some, "--eventstore", esdbtest.Start(t).URL)...)
		has(t, &report, rows...)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		report, _ := reported(t, append(some, "--postgres", pgtest.Start(t).URL())...)
		has(t, &report, append(rows, Row{Step: "fdatasync", Clients: 1})...)
	})
}

// Ctrl-C takes the schemas along, in the middle of a step.
func TestInterruptDropsSchemas(t *testing.T) {
	database := pgtest.Start(t).URL()
	c := tiny(t.TempDir(), "--steps", "send", "--duration", "10m", "--postgres", database)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for again := time.NewTicker(10 * time.Millisecond); len(schemas(t, database)) == 0; <-again.C {
		if ctx.Err() != nil {
			t.Fatal("made no schema")
		}
	}
	c.Process.Signal(os.Interrupt)
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("an interrupted run ended well")
		}
	case <-ctx.Done():
		t.Fatal("still runs")
	}
	if left := schemas(t, database); len(left) > 0 {
		t.Errorf("left behind: %v\n%s", left, &out)
	}
}

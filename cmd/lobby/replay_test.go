package main

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/sqlitemodel"
)

// checkReplay compares what serves in an engine with a fresh replay of the log.
func checkReplay(t *testing.T, log eventlog.Log, models readmodel.Engine) {
	t.Helper()
	fresh, err := sqlitemodel.Open(t.TempDir(), sqlitemodel.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	runner, err := projections.Start(t.Context(), log, fresh, projections.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	<-runner.Serving()
	head, err := log.Head(t.Context())
	if err == nil {
		err = runner.Wait(t.Context(), head)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(served(t, fresh), served(t, models)); diff != "" {
		t.Errorf("(-replayed +served):\n%s", diff)
	}
}

// served is all rows of the build that serves, as text.
func served(t *testing.T, models readmodel.Engine) string {
	t.Helper()
	build, err := models.Serving(t.Context(), projections.Messenger.Name)
	if err != nil {
		t.Fatal(err)
	}
	store, err := models.Open(t.Context(), projections.Messenger, build)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var rows bytes.Buffer
	if _, err := readmodel.Dump(t.Context(), store, projections.Messenger, &rows); err != nil {
		t.Fatal(err)
	}
	if rows.Len() == 0 {
		t.Fatal("there are no rows")
	}
	return rows.String()
}

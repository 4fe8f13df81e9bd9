package projections_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// P01: at any time, what waits for whom and who has seen what is what the log
// says, for messages, requests and comments. P03: nobody waits for themselves. P06:
// what is counted is there to be read, by whoever it waits for.
func TestP01WhatWaitsIsWhatTheLogSays(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		engines.Fewer(t, 2)
		rapid.Check(t, func(rt *rapid.T) {
			dir := t.TempDir()
			log := openLog(t, filepath.Join(dir, "log.sqlite"))
			defer log.Close()
			engine := openEngine(t, filepath.Join(dir, "models"))
			defer engine.Close()
			r := served(t, log, engine, projections.Options{})
			defer r.Close()
			p := newPlay(rt, newWorld(t, log))
			for range rapid.IntRange(2, 12).Draw(rt, "rounds") {
				p.commands(rapid.IntRange(1, 20).Draw(rt, "commands"))
				wait(t, r, p.w.last)
				said := recall(t, log)
				if diff := cmp.Diff(said.waiting(), rows(t, r, `select person, channel, entry from unread`, 3)); diff != "" {
					rt.Fatalf("unread (-what the log says +rows):\n%s", diff)
				}
				if diff := cmp.Diff(said.receipts(), rows(t, r, `select person, entry, revision from seen`, 3)); diff != "" {
					rt.Fatalf("seen (-what the log says +rows):\n%s", diff)
				}
				lost := rows(t, r, `select u.person, u.channel, u.entry from unread u where not exists (
				select 1 from messages m join inbox i on i.person = u.person and i.channel = u.channel
				left join posts p on p.post = m.channel -- with an exists instead, PostgreSQL 15 finds too few
				where m.entry = u.entry and m.author <> u.person and i.readable
					and (m.channel = u.channel and m.revision >= i.history_from or p.board = u.channel))`, 3)
				if len(lost) > 0 {
					rt.Fatalf("what waits and is not there to be read, or is one's own: %v", lost)
				}
			}
		})
	})
}

// rows is what a query answers with, in order, each as one text.
func rows(t testing.TB, r *projections.Runner, sql string, columns int) (texts []string) {
	t.Helper()
	into := make([]any, columns)
	for i := range into {
		into[i] = new(cell)
	}
	if _, err := r.View(t.Context(), func(q readmodel.Query) error {
		return q.Rows(t.Context(), sql, func(scan func(...any) error) error {
			text := ""
			err := scan(into...)
			for _, value := range into {
				text += fmt.Sprint(value.(*cell).value, " ")
			}
			texts = append(texts, text)
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(texts)
	return texts
}

// cell takes any value.
type cell struct{ value any }

func (c *cell) Scan(value any) error { c.value = value; return nil }

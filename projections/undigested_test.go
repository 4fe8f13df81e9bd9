package projections_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"iter"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain/attachment"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// P09: an event that cannot be digested stops the model by name, and what was
// served goes on being served for a while, and not for long.
func TestP09AnEventThatCannotBeDigestedStopsTheModel(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		// The next program knows the kind, of something that changes nothing here.
		nothing := func(kind, person string) eventlog.Event {
			return eventlog.Event{Kind: kind, Data: []byte(`{"` + person + `":"` + scenario.ID("Anna").String() + `"}`)}
		}
		pair, removed := channelOf("Anna", "Ben"), post.Stream(scenario.ID("a post"))
		for name, bad := range map[string]struct {
			stream, kind, data, cause string
			revision                  eventlog.Revision
			known                     eventlog.Event
		}{
			"unknown kind":         {pair, "message_translated", `{}`, "unknown kind", 3, nothing("message_deleted", "by")},
			"broken JSON":          {pair, "message_sent", `{"message": 7`, "message_sent", 3, nothing("message_deleted", "by")},
			"unknown kind of post": {removed, "post_translated", `{}`, "unknown kind", 0, nothing("post_removed", "landlord")},
			"broken JSON of request": {maintenance.Stream(scenario.ID("a request")), "maintenance_message_sent", `{"to": [7]}`, "maintenance_message_sent", 0,
				nothing("maintenance_message_deleted", "by")},
			"broken JSON of file": {attachment.Stream(scenario.ID("a file")), "attachment_uploaded", `{"size": "large"}`, "attachment_uploaded", 0,
				eventlog.Event{Kind: "attachment_removed", Data: []byte(`{}`)}},
		} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					log := openLog(t, filepath.Join(dir, "log.sqlite"))
					engine := alone{openEngine(t, filepath.Join(dir, "models"))}
					w := newWorld(t, log)
					w.register("Anna", "Ben")
					w.connect("Anna", "Ben")
					var said bytes.Buffer
					r := served(t, log, engine, projections.Options{Logger: slog.New(slog.NewTextHandler(&said, nil))})
					w.send("Anna", "Ben", "one")
					before := w.last
					wait(t, r, before)

					at := w.raw(bad.stream, bad.kind, []byte(bad.data))
					w.say("Anna", "Ben", "two")
					synctest.Wait()
					s := r.Status()
					var undigested *projections.UndigestedError
					if s.Ready() || !errors.As(s.Failed, &undigested) {
						t.Fatalf("status %+v, want one that has failed by an event", s)
					}
					if undigested.Position != at || undigested.Kind != bad.kind || undigested.Stream != bad.stream || undigested.Revision != bad.revision {
						t.Errorf("the failure names %+v", undigested)
					}
					for _, want := range []string{bad.kind, bad.stream, at.String(), bad.cause} {
						if !strings.Contains(s.Failed.Error(), want) || !strings.Contains(said.String(), want) {
							t.Errorf("%q is not in the error or not in the log: %v\n%s", want, s.Failed, &said)
						}
					}
					if s.Position != before || unread(t, r, "Ben") != 1 {
						t.Errorf("what was there before is not served: %+v", s)
					}

					time.Sleep(projections.StaleAfter - time.Second)
					if n := unread(t, r, "Ben"); n != 1 {
						t.Errorf("%d unread before it is stale, want 1", n)
					}
					time.Sleep(2 * time.Second)
					for name, err := range map[string]error{"View": viewError(r), "Position": positionError(r)} {
						if !errors.Is(err, readmodel.ErrStale) {
							t.Errorf("%s of a model that is too far behind: %v, want ErrStale", name, err)
						}
					}
					waiting, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					if err := r.Wait(waiting, w.last); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("E04: waiting for what does not come: %v", err)
					}

					// The next program knows the kind, and goes on where this one stopped.
					r.Close()
					if text := dump(t, engine); strings.Count(text, "\nunread\t") != 1 {
						t.Errorf("half of something was written:\n%s", text)
					}
					upgraded := knowing{log, at, bad.known}
					r = start(t, upgraded, engine, projections.Options{})
					wait(t, r, w.last)
					if s := r.Status(); !s.Ready() || s.Build.Number != 1 {
						t.Errorf("after the upgrade: %+v", s)
					}
					if n := unread(t, r, "Ben"); n != 2 {
						t.Errorf("%d unread after the upgrade, want 2: something was lost", n)
					}
					r.Close()
					if diff := cmp.Diff(replayed(t, upgraded), dump(t, engine)); diff != "" {
						t.Errorf("after the upgrade (-replayed +went on):\n%s", diff)
					}
					engine.Close()
					log.Close()
				})
			})
		}
	})
}

func viewError(r *projections.Runner) error {
	_, err := r.View(context.Background(), func(readmodel.Query) error { return nil })
	return err
}

func positionError(r *projections.Runner) error {
	_, err := r.Position()
	return err
}

// knowing is the log as a program reads it that knows what the event at a
// position was.
type knowing struct {
	eventlog.Log
	at eventlog.Position
	as eventlog.Event
}

func (l knowing) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Batch, error] {
	return func(yield func(eventlog.Batch, error) bool) {
		for batch, err := range l.Log.Follow(ctx, after) {
			for i := range batch.Events {
				if batch.Events[i].Position == l.at {
					batch.Events[i].Kind, batch.Events[i].Data = l.as.Kind, l.as.Data
				}
			}
			if !yield(batch, err) {
				return
			}
		}
	}
}

// P09: however a batch was cut, what comes before the bad event counts, statements
// included, and the bad event leaves nothing of itself.
func TestP09WhatComesBeforeTheBadEventCounts(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w, _, _ := aProperty(t, log)
		on := w.publish("Anna", post.Audience{All: true}, "Bulky waste")
		w.comment("Ben", on, "Mine is the sofa.")
		engine := openEngine(t, filepath.Join(dir, "models"))
		served(t, log, engine, projections.Options{}).Close()
		w.send("Anna", "Ben", "one")
		must(w, post.Noun, post.Remove{Post: on, By: scenario.ID("Anna")})
		good := w.last
		w.raw(channelOf("Anna", "Ben"), "message_translated", []byte(`{}`))
		w.say("Anna", "Ben", "two")

		stopped := make(chan struct{})
		r := start(t, log, engine, projections.Options{Logger: slog.New(onError{slog.DiscardHandler, func() { close(stopped) }})})
		<-stopped
		wait(t, r, good)
		if n := unread(t, r, "Ben"); n != 1 {
			t.Errorf("%d unread, want the 1 before the bad event", n)
		}
		if n := unread(t, r, "Anna"); n != 0 {
			t.Errorf("%d comments wait of the post that was removed before the bad event", n)
		}
	})
}

// onError calls for every record of an error.
type onError struct {
	slog.Handler
	call func()
}

func (h onError) Enabled(context.Context, slog.Level) bool { return true }

func (h onError) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		h.call()
	}
	return nil
}

// P09: a projection that panics, with whatever value, stops at the event. It must
// not pass for one that had nothing to do.
func TestP09AProjectionThatPanicsStopsTheModel(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		for name, value := range map[string]any{"with a text": "three values for two columns", "with an error": fs.ErrInvalid} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				log := openLog(t, filepath.Join(dir, "log.sqlite"))
				w := newWorld(t, log)
				w.register("Anna", "Ben")
				w.connect("Anna", "Ben")
				engine := openEngine(t, filepath.Join(dir, "models"))
				served(t, log, engine, projections.Options{}).Close()
				w.send("Anna", "Ben", "one")

				projections.WithProjection(t, func(event any) { panic(value) })
				stopped := make(chan struct{})
				r := start(t, log, engine, projections.Options{Logger: slog.New(onError{slog.DiscardHandler, func() { close(stopped) }})})
				<-stopped
				var undigested *projections.UndigestedError
				if s := r.Status(); s.Ready() || !errors.As(s.Failed, &undigested) || undigested.Position != w.last {
					t.Errorf("%+v, want the event at %s to have failed", s, w.last)
				}
				r.Close()
			})
		}
	})
}

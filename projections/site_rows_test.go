package projections_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// aProperty is a world in which Ben and Cleo rent from Anna, and Dora works for her.
func aProperty(t testing.TB, log eventlog.Log) (w *world, elm, oak uuid.UUID) {
	t.Helper()
	w = newWorld(t, log)
	elm, oak = w.id(), w.id()
	w.register("Anna", "Ben", "Cleo", "Dora", "Emil")
	for _, other := range []string{"Ben", "Cleo", "Dora"} {
		w.connect("Anna", other)
	}
	w.lease("Anna", "Ben", elm)
	w.lease("Anna", "Cleo", oak)
	return w, elm, oak
}

// P16: who is unshared has nothing waiting in the request any more, from the very
// transaction on that takes the request away, and sharing it with them again, with
// or without what was before, brings nothing of it back.
func TestP16UnsharingTakesTheUnreadAlong(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		for _, history := range []string{maintenance.All, maintenance.FromNow} {
			t.Run(history, func(t *testing.T) {
				dir := t.TempDir()
				log := openLog(t, filepath.Join(dir, "log.sqlite"))
				w, elm, _ := aProperty(t, log)
				stuck := 0
				engine := &hookedEngine{Engine: openEngine(t, filepath.Join(dir, "models")), apply: func(_ readmodel.Build, s readmodel.Store, apply func() error) error {
					if err := apply(); err != nil {
						return err
					}
					_, err := s.View(t.Context(), func(q readmodel.Query) error {
						var n int
						_, err := q.Row(t.Context(), `select count(*) from unread u join inbox i on i.person = u.person and i.channel = u.channel where not i.readable`, []any{&n})
						stuck += n
						return err
					})
					return err
				}}
				r := served(t, cutLog{log, func() int { return 1 }}, engine, projections.Options{})
				tap := w.submit("Ben", "Anna", elm, "The tap drips.")
				other := w.open("Anna", elm, "The roof leaks.")
				for _, request := range []uuid.UUID{tap, other} {
					w.share("Anna", request, "Cleo", maintenance.All)
					w.share("Anna", request, "Dora", maintenance.All)
				}
				w.write("Anna", tap, "Who comes?")
				w.write("Dora", tap, "I do.")
				w.write("Anna", other, "Somebody has to go up there.")
				waits := func(what string, want int) {
					t.Helper()
					wait(t, r, w.last)
					if n := unread(t, r, "Cleo"); n != want {
						t.Errorf("%d wait for Cleo %s, want %d", n, what, want)
					}
				}
				waits("while both are shared", 5) // with the two descriptions
				dora := unread(t, r, "Dora")
				w.unshare("Anna", tap, "Cleo")
				waits("after one was unshared", 2)
				if n := unread(t, r, "Dora"); n != dora {
					t.Errorf("%d wait for Dora, who still shares both, want %d", n, dora)
				}
				w.write("Ben", tap, "Thank you, Dora.")
				waits("of what was written without her", 2)
				w.share("Anna", tap, "Cleo", history)
				again := 2
				if history == maintenance.All {
					again += 4 // all of what she did not see
				}
				waits("after it was shared again", again)
				w.write("Ben", tap, "Welcome back.")
				waits("of what was written since", again+1)
				if stuck > 0 {
					t.Errorf("after some transaction something waited in a request that was taken away")
				}
			})
		}
	})
}

// A post takes along its comments, what waits of them and its properties, and
// nothing of any other post. P24: who has seen what stays.
func TestARemovedPostTakesItsCommentsAlong(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w, elm, oak := aProperty(t, log)
		r := served(t, log, openEngine(t, filepath.Join(dir, "models")), projections.Options{})
		everywhere := post.Audience{Properties: []uuid.UUID{elm, oak}}
		gone, stays := w.publish("Anna", everywhere, "Bulky waste"), w.publish("Anna", everywhere, "Sofa")
		for _, on := range []uuid.UUID{gone, stays} {
			seen := w.comment("Ben", on, "Wunderbar")
			w.comment("Cleo", on, "Wunderbar")
			w.comment("Anna", on, "Wunderbar")
			w.seePost("Cleo", on)
			w.seeComments("Anna", on, seen)
		}
		rows := func(on uuid.UUID) map[string]int {
			t.Helper()
			wait(t, r, w.last)
			n := map[string]int{"unread": count(t, r, `select count(*) from unread where channel = $1`, readmodel.ID(projections.BoardOf(scenario.ID("Anna"))))}
			for _, table := range []string{"posts", "post_properties"} {
				n[table] = count(t, r, `select count(*) from `+table+` where post = $1`, readmodel.ID(post.Stream(on)))
			}
			for _, table := range []string{"messages", "seen"} {
				n[table] = count(t, r, `select count(*) from `+table+` where channel = $1`, readmodel.ID(post.Stream(on)))
			}
			return n
		}
		before := map[string]int{"posts": 1, "post_properties": 2, "messages": 3, "seen": 2, "unread": 2}
		for _, on := range []uuid.UUID{gone, stays} {
			if diff := cmp.Diff(before, rows(on)); diff != "" {
				t.Fatalf("this test proves nothing (-want +got):\n%s", diff)
			}
		}
		must(w, post.Noun, post.Remove{Post: gone, By: scenario.ID("Anna")})
		for on, want := range map[uuid.UUID]map[string]int{
			gone:  {"posts": 0, "post_properties": 0, "messages": 0, "seen": 2, "unread": 1},
			stays: {"posts": 1, "post_properties": 2, "messages": 3, "seen": 2, "unread": 1},
		} {
			if diff := cmp.Diff(want, rows(on)); diff != "" {
				t.Errorf("removed: %t (-want +got):\n%s", on == gone, diff)
			}
		}
		for range 2 { // as it came, and as it is replayed
			found := 0
			if _, err := r.View(t.Context(), func(q readmodel.Query) error {
				matches, argument := q.Match("messages", "m", 1, readmodel.SearchTerms("wunderbar"))
				_, err := q.Row(t.Context(), `select count(*) from messages m where `+matches, []any{&found}, argument)
				return err
			}); err != nil || found != 3 {
				t.Errorf("a search finds %d comments (%v), want the 3 that are left", found, err)
			}
			if err := r.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// P24: a comment that is removed after it was seen is gone, and who saw it is not.
// In a maintenance request it is the same with those who have been unshared.
func TestP24WhoHasSeenSurvives(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		w, elm, _ := aProperty(t, log)
		r := served(t, log, openEngine(t, filepath.Join(dir, "models")), projections.Options{})
		on := w.publish("Anna", post.Audience{All: true}, "Bulky waste")
		comment := w.comment("Ben", on, "Mine is the sofa.")
		w.seeComments("Anna", on, comment)
		tap := w.submit("Ben", "Anna", elm, "The tap drips.")
		w.share("Anna", tap, "Cleo", maintenance.All)
		message := w.write("Anna", tap, "Who comes?")
		w.read("Cleo", tap, message)

		must(w, post.Noun, post.RemoveComment{Post: on, Comment: comment, By: scenario.ID("Anna")})
		w.unshare("Anna", tap, "Cleo")
		w.share("Anna", tap, "Cleo", maintenance.All)
		shared := w.last
		w.read("Cleo", tap, message) // again, which is nothing new
		wait(t, r, w.last)
		if n := count(t, r, `select count(*) from messages where entry = $1`, comment); n != 0 {
			t.Error("the removed comment is still there")
		}
		if n := count(t, r, `select count(*) from seen where entry = $1 and person = $2`, comment, scenario.ID("Anna")); n != 1 {
			t.Error("who has seen the removed comment is forgotten")
		}
		if w.last != shared {
			t.Error("what was seen before was seen once more")
		}
		if n := count(t, r, `select revision from seen where entry = $1 and person = $2`, message, scenario.ID("Cleo")); n != 4 {
			t.Errorf("the message was first seen by revision %d, want 4: who comes back has not seen it later", n)
		}
	})
}

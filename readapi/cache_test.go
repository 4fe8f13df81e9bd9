package readapi_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readapi"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// everyRoute is one request of every kind that a person can make about a channel.
func everyRoute(channel string, message uuid.UUID) []string {
	return []string{
		"/v1/me?", "/v1/unread?", "/v1/inbox?limit=3", "/v1/contacts?name=a", "/v1/contacts?status=disconnected",
		"/v1/channels/" + channel + "?", "/v1/channels/" + channel + "/messages?limit=5",
		"/v1/channels/" + channel + "/entries/" + message.String() + "/seen?",
	}
}

func position(t testing.TB, a answer) (p eventlog.Position) {
	t.Helper()
	p, err := eventlog.ParsePosition(a.position())
	if err != nil {
		t.Errorf("%v: %s", err, a)
	}
	return p
}

// P05: what is answered from memory is what the model would answer at the
// position that the answer names or later, while people write, while the model
// is rebuilt beside itself, and when all is quiet again.
func TestP05AnAnswerFromMemoryIsNeverOlderThanItsPosition(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		names := []string{"Anna", "Ben", "Cleo"}
		for _, name := range names {
			s.register(name, name)
		}
		s.connect("Anna", "Ben")
		s.connect("Anna", "Cleo")
		first := s.send("Anna", "Ben", "one")
		routes := everyRoute(channelOf("Anna", "Ben"), first)

		var writing, reading sync.WaitGroup
		var ended atomic.Bool
		for writer := range 2 {
			random := rand.New(rand.NewPCG(uint64(writer), 1))
			writing.Go(func() {
				last := first
				for range 120 {
					who, other := "Anna", names[1+random.IntN(2)]
					if random.IntN(2) == 0 {
						who, other = other, who
					}
					channel := "/v1/channels/" + channelOf(who, other)
					var a answer
					switch random.IntN(12) {
					case 0:
						a = s.command(who, "PUT", channel+"/mute", map[string]any{"muted": random.IntN(2) == 0})
					case 1:
						a = s.command(who, "PUT", "/v1/persons/"+scenario.ID(who).String()+"/profile", map[string]any{"name": who + " " + string(rune('a'+random.IntN(26)))})
					case 2:
						a = s.command(who, "DELETE", "/v1/connections/"+channelOf(who, other), nil)
					case 3, 4:
						s.command(who, "POST", "/v1/connections", map[string]any{"person": scenario.ID(other)})
						a = s.command(other, "POST", "/v1/connections", map[string]any{"person": scenario.ID(who)})
					case 5, 6:
						a = s.command(other, "POST", channel+"/seen", map[string]any{"entries": []uuid.UUID{last, first}})
					case 7:
						a = s.command(who, "DELETE", channel+"/messages/"+last.String(), nil)
					default:
						if a = s.command(who, "POST", channel+"/messages", map[string]any{"text": "hello"}); a.Status < 300 {
							last = s.made(a)
						}
					}
					// Who writes sees it, and so does the other.
					if a.Status < 300 {
						for _, reader := range []string{who, other} {
							got := s.get(reader, "/v1/unread?after="+a.position())
							if got.Status != 200 || position(t, got).Compare(position(t, a)) < 0 {
								t.Errorf("after %s: %s", a.position(), got)
							}
						}
					}
				}
			})
		}
		var compared atomic.Int32
		for range 2 {
			reading.Go(func() {
				for !ended.Load() {
					for _, name := range names {
						for _, path := range routes {
							known, err := s.runner.Position()
							if err != nil {
								t.Error(err)
							}
							before := s.getFresh(name, path)
							got := s.get(name, path)
							after := s.getFresh(name, path)
							if before.Status != 200 || got.Status != 200 || after.Status != 200 {
								if before.Status == after.Status && got.Status != before.Status {
									t.Errorf("%s of %s: %s from memory, %s before, %s after", path, name, got, before, after)
								}
								continue
							}
							at := position(t, got)
							if at.Compare(known) < 0 {
								t.Errorf("%s of %s at %s, where %s was visible", path, name, at, known)
							}
							if before.position() != after.position() || got.position() != after.position() {
								continue // something was written meanwhile
							}
							compared.Add(1)
							if !bytes.Equal(got.Body, after.Body) {
								t.Errorf("%s of %s from memory:\n%s %s\nfrom the model:\n%s %s", path, name, at, got, after.position(), after)
							}
						}
					}
				}
			})
		}
		reading.Go(func() {
			for !ended.Load() {
				if err := s.runner.Rebuild(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
		writing.Wait()
		little := func() bool { return compared.Load() < 50 || s.runner.Status().Build.Number < 3 }
		for late := time.Now().Add(30 * time.Second); little() && time.Now().Before(late); { // the machine is busy
			time.Sleep(10 * time.Millisecond)
		}
		ended.Store(true)
		reading.Wait()
		for _, name := range names {
			for _, path := range routes {
				s.get(name, path+"&"+s.after())
				got, want := s.get(name, path), s.getFresh(name, path)
				if got.Status != want.Status || got.Status == 200 && !bytes.Equal(got.Body, want.Body) {
					t.Errorf("in the end %s of %s is\n%s\nand should be\n%s", path, name, got, want)
				}
			}
		}
		if little() {
			t.Errorf("only %d answers compared, %+v: this proves too little", compared.Load(), s.runner.Status())
		}
	})
}

// Memory is used at all: the same request again does not go to the model.
func TestTheSameRequestAgainIsAnsweredFromMemory(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		var views atomic.Int32
		s := newSite(t, t.TempDir(), options{model: func(m readapi.Model) readapi.Model { return counted{m, &views} }}).serving()
		s.register("Anna", "Anna")
		s.register("Ben", "Ben")
		channel := s.connect("Anna", "Ben")
		message := s.send("Anna", "Ben", "one")
		for _, path := range everyRoute(channel, message) {
			s.get("Anna", path+"&"+s.after())
			before := views.Load()
			if a := s.get("Anna", path+"&"+s.after()); a.Status != 200 || views.Load() != before {
				t.Errorf("%s went to the model again: %s", path, a)
			}
			if a := s.get("Ben", path+"&"+s.after()); a.Status != 200 || views.Load() != before+1 {
				t.Errorf("%s of another person: %d looks at the model, %s", path, views.Load()-before, a)
			}
		}
	})
}

// P13: deactivation shuts out on every route at once, whatever is in memory.
func TestP13ADeactivatedPersonGetsNothingThatWasKept(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		s.register("Anna", "Anna")
		s.register("Ben", "Ben")
		channel := s.connect("Anna", "Ben")
		message := s.send("Anna", "Ben", "one")
		for _, path := range everyRoute(channel, message) {
			if a := s.get("Ben", path+"&"+s.after()); a.Status != 200 {
				t.Fatalf("%s: %s", path, a)
			}
		}
		s.done("Ben", "DELETE", "/v1/persons/"+scenario.ID("Ben").String(), nil)
		for _, path := range everyRoute(channel, message) {
			if a := s.get("Ben", path+"&"+s.after()); a.Status != 401 || a.problem() != "unknown_caller" {
				t.Errorf("%s after deactivation: %s", path, a)
			}
		}
		head := read[readapi.ChannelHead](t, s.get("Anna", "/v1/channels/"+channel+"?"+s.after()))
		if head.With.Active {
			t.Error("the other one still looks active")
		}
	})
}

// P13: what is in memory is not served either, once the model is too far behind
// to know about rights.
func TestP13AModelTooFarBehindAnswersNothingNotEvenFromMemory(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			gate := make(chan struct{}, 1)
			gate <- struct{}{}
			s := newSite(t, dir, options{engine: func(e readmodel.Engine) readmodel.Engine { return gatedEngine{e, gate} }}).serving()
			s.register("Anna", "Anna")
			s.register("Ben", "Ben")
			channel := s.connect("Anna", "Ben")
			message := s.send("Anna", "Ben", "one")
			routes := everyRoute(channel, message)
			for _, path := range routes {
				s.get("Ben", path+"&"+s.after())
			}
			<-gate
			s.done("Ben", "DELETE", "/v1/persons/"+scenario.ID("Ben").String(), nil)
			synctest.Wait()
			time.Sleep(projections.StaleAfter - time.Second)
			for _, path := range routes {
				if a := s.get("Ben", path); a.Status != 200 {
					t.Errorf("%s a little behind: %s", path, a)
				}
			}
			time.Sleep(2 * time.Second)
			for _, path := range routes {
				for _, path := range []string{path, path + "&" + s.after()} {
					if a := s.get("Ben", path); a.Status != 503 || a.problem() != "stale" || a.Header.Get("Retry-After") == "" {
						t.Errorf("%s too far behind: %s", path, a)
					}
				}
			}
			gate <- struct{}{}
			synctest.Wait()
			for _, path := range routes {
				if a := s.get("Ben", path+"&"+s.after()); a.Status != 401 {
					t.Errorf("%s after it has caught up: %s", path, a)
				}
			}
			s.runner.Close()
			s.engine.Close()
			s.log.Close()
		})
	})
}

// A path that only looks like another's once it is decoded is another path.
func TestAnEncodedSlashDoesNotFindTheAnswerOfAnotherRoute(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		s.register("Anna", "Anna")
		s.register("Ben", "Ben")
		channel := s.connect("Anna", "Ben")
		s.send("Anna", "Ben", "one")
		if a := s.get("Ben", "/v1/channels/"+channel+"/messages?"+s.after()); a.Status != 200 {
			t.Fatal(a)
		}
		if a := s.get("Ben", "/v1/channels/"+channel+"%2Fmessages?"+s.after()); a.Status == 200 {
			t.Errorf("a channel of that name: %s", a)
		}
	})
}

// While there is no build of this version, every route says so, and how far it is.
func TestWhileTheModelIsBuiltEveryRouteAnswersRebuilding(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir, after := t.TempDir(), ""
		t.Run("somebody is registered", func(t *testing.T) { // or there is nothing to build
			s := newSite(t, dir, options{}).serving()
			s.register("Anna", "Anna")
			after = s.after()
		})
		engines.Lose(t, filepath.Join(dir, "models"))
		gate := make(chan struct{}, 1)
		s := newSite(t, dir, options{engine: func(e readmodel.Engine) readmodel.Engine { return gatedEngine{e, gate} }})
		routes := everyRoute(channelOf("Anna", "Ben"), uuid.New())
		for _, path := range append(routes, routes[0]+after) {
			a := s.get("Anna", path)
			if a.Status != http.StatusServiceUnavailable || a.problem() != "rebuilding" || a.Header.Get("Retry-After") != "1" || !strings.Contains(string(a.Body), "% done") {
				t.Errorf("%s: %s", path, a)
			}
		}
		gate <- struct{}{}
		s.serving()
		if a := s.get("Anna", "/v1/me?"+after); a.Status != 200 {
			t.Error(a)
		}
	})
}

package readapi_test

import (
	"bytes"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
	"lobby.example/readapi"
	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest/engines"
)

// two connects Anna and Ben with one message.
func two(t testing.TB) (s *site, channel string, message uuid.UUID) {
	t.Helper()
	s = site0(t)
	s.register("Anna", "Anna")
	s.register("Ben", "Ben")
	channel = s.connect("Anna", "Ben")
	return s, channel, s.send("Anna", "Ben", "one")
}

// E04: after= waits for what it names, no longer than it may, and takes no
// position of another log and nothing that is none.
func TestE04AfterWaitsForThePosition(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			gate := make(chan struct{}, 1)
			gate <- struct{}{}
			s := newSite(t, dir, options{engine: func(e readmodel.Engine) readmodel.Engine { return gatedEngine{e, gate} }, maxWait: 2 * time.Second}).serving()
			s.register("Anna", "Anna")
			s.register("Ben", "Ben")
			channel := s.connect("Anna", "Ben")
			s.get("Ben", "/v1/unread?"+s.after())
			<-gate
			s.send("Anna", "Ben", "one")
			began := time.Now()
			for _, path := range everyRoute(channel, uuid.New()) {
				if a := s.get("Ben", path+"&"+s.after()); a.Status != 503 || a.problem() != "not_caught_up" || a.Header.Get("Retry-After") != "1" {
					t.Errorf("%s, and nothing is projected: %s", path, a)
				}
				if d := time.Since(began); d != 2*time.Second {
					t.Errorf("%s waited for %s, not 2 s", path, d)
				}
				began = time.Now()
			}
			if a := s.get("Ben", "/v1/unread"); read[readapi.Unread](t, a).Total != 0 {
				t.Errorf("without after=: %s", a)
			}
			answered := make(chan answer)
			go func() { answered <- s.get("Ben", "/v1/unread?"+s.after()) }()
			time.Sleep(time.Second)
			gate <- struct{}{}
			if a := <-answered; read[readapi.Unread](t, a).Total != 1 || a.position() != s.newest.Load().String() {
				t.Errorf("after it was projected: %s", a)
			}
			s.runner.Close()
			s.engine.Close()
			s.log.Close()
		})
	})
}

func TestAfterTakesNoOtherPosition(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s, channel, message := two(t)
		other, err := sqlitelog.Open(filepath.Join(t.TempDir(), "log.sqlite"), sqlitelog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		appended, err := other.Append(t.Context(), "person-1", eventlog.NoStream, []eventlog.Event{{ID: uuid.New(), Kind: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		ours := s.newest.Load().String()
		if a := s.get("Ben", "/v1/unread?"+s.after()); a.Status != 200 { // a model with nothing in it knows no log
			t.Fatal(a)
		}
		for after, want := range map[string]string{
			appended.Positions[0].String():      "foreign_position after",
			"garbage":                           "invalid_position after",
			strings.ToUpper(ours):               "invalid_position after",
			strings.Replace(ours, "-", "-0", 1): "invalid_position after",
			url.QueryEscape("1 or 1=1 --"):      "invalid_position after",
			"0":                                 "",
			ours:                                "",
			strings.Repeat("9", 101):            "invalid_parameter after",
		} {
			for _, path := range everyRoute(channel, message) {
				a := s.get("Ben", path+"&after="+after)
				if want == "" && a.Status != 200 || want != "" && (a.Status != 422 || a.problem() != want) {
					t.Errorf("%s after %.40q: %s, want %q", path, after, a, want)
				}
			}
		}
	})
}

// What a request does not know is refused by name, on every route.
func TestParametersAreRefusedByName(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s, channel, message := two(t)
		for _, path := range everyRoute(channel, message) {
			if a := s.get("Ben", path+"&unknown=1"); a.Status != 422 || !strings.Contains(a.problem(), "unknown") {
				t.Errorf("%s with an unknown parameter: %s", path, a)
			}
			if a := s.ask(s.handler, "", "GET", path, nil); a.Status != 401 {
				t.Errorf("%s without a token: %s", path, a)
			}
			if a := s.get("Nobody", path); a.Status != 401 || a.problem() != "unknown_caller" {
				t.Errorf("%s of a person who is not registered: %s", path, a)
			}
		}
		for _, list := range []string{"/v1/inbox?", "/v1/contacts?", "/v1/channels/" + channel + "/messages?"} {
			for _, limit := range []string{"0", "101", "-1", "x", "1.5", "99999999999999999999"} {
				if a := s.get("Ben", list+"limit="+limit); a.Status != 422 || !strings.HasPrefix(a.problem(), "invalid_parameter") || !strings.HasSuffix(a.problem(), "limit") {
					t.Errorf("%slimit=%s: %s", list, limit, a)
				}
			}
			for _, limit := range []string{"1", "100"} {
				if a := s.get("Ben", list+"limit="+limit+"&"+s.after()); a.Status != 200 {
					t.Errorf("%slimit=%s: %s", list, limit, a)
				}
			}
		}
		for path, want := range map[string]string{
			"/v1/channels/nothing":                                               "not_an_id channel",
			"/v1/channels/connection-1":                                          "not_an_id channel",
			"/v1/channels/" + strings.ToUpper(channel):                           "not_an_id channel",
			"/v1/channels/" + channel + "%27--":                                  "not_an_id channel",
			"/v1/channels/person-" + scenario.ID("Ben").String():                 "channel_not_found",
			"/v1/channels/reader-" + scenario.ID("Ben").String() + "/messages":   "channel_not_found",
			"/v1/channels/connection-" + uuid.New().String():                     "channel_not_found",
			"/v1/channels/" + channel + "/entries/" + uuid.NewString() + "/seen": "entry_not_found",
			"/v1/contacts?status=friend":                                         "invalid_parameter status",
			"/v1/contacts?name=" + strings.Repeat("a", 201):                      "invalid_parameter name",
			"/v1/contacts?name=a+b+c+d+e+f":                                      "too_many_words name",
		} {
			if a := s.get("Ben", path); a.problem() != want {
				t.Errorf("%s: %s, want %s", path, a, want)
			}
		}
		if a := s.get("Ben", "/v1/channels/"+channel+"/entries/7/seen"); a.Status != 422 || !strings.HasSuffix(a.problem(), "entry") {
			t.Errorf("a message that is no id: %s", a)
		}
	})
}

// A 304 says that nothing changed, so it never hides that something did.
func TestAnETagChangesWithTheAnswerAndNeverWithoutIt(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s, channel, message := two(t)
		routes := everyRoute(channel, message)
		tags := map[string]string{}
		bodies := map[string][]byte{}
		look := func(what string, changed ...string) {
			t.Helper()
			for _, path := range routes {
				a := s.get("Ben", path+"&"+s.after())
				tag, body := a.Header.Get("ETag"), a.Body
				if a.Status != 200 || tag == "" || a.Header.Get("Cache-Control") != "private, no-cache" {
					t.Fatalf("%s: %s %v", path, a, a.Header)
				}
				if (tags[path] == tag) != bytes.Equal(bodies[path], body) {
					t.Errorf("%s: %s: the tag and the body do not change together", what, path)
				}
				if known := tags[path]; known != "" {
					a := s.get("Ben", path+"&"+s.after(), "If-None-Match", known)
					if want := slices.Contains(changed, path); (a.Status == 200) != want || a.Status == 304 && (len(a.Body) > 0 || a.Header.Get("ETag") != known || a.position() == "") {
						t.Errorf("%s: %s answers %s to the tag from before", what, path, a)
					}
					if path := path + "&" + s.after(); s.get("Ben", path, "If-None-Match", `"other", W/`+tag).Status != 304 || s.get("Ben", path, "If-None-Match", `"other"`).Status != 200 {
						t.Errorf("%s: a list of tags, or another one", what)
					}
				}
				tags[path], bodies[path] = tag, body
			}
		}
		look("at first")
		look("again")
		s.send("Anna", "Ben", "two")
		look("a message", routes[0], routes[1], routes[2], routes[5], routes[6])
		s.done("Ben", "PUT", "/v1/channels/"+channel+"/mute", map[string]any{"muted": true})
		look("muted", routes[0], routes[1], routes[2], routes[5])
		s.done("Ben", "POST", "/v1/channels/"+channel+"/seen", map[string]any{"entries": []uuid.UUID{message}})
		look("seen", routes[1], routes[2], routes[5], routes[6], routes[7])
		s.done("Anna", "PUT", "/v1/persons/"+scenario.ID("Anna").String()+"/profile", map[string]any{"name": "Anna B."})
		look("a name", routes[2], routes[3], routes[5])
		s.done("Anna", "DELETE", "/v1/connections/"+channel, nil)
		look("disconnected", routes[1], routes[2], routes[3], routes[4], routes[5], routes[6])
		tomorrow := s.today.Load().AddDate(0, 0, 1)
		s.today.Store(&tomorrow)
		look("a day later")
	})
}

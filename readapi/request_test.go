package readapi_test

import (
	"bytes"
	"fmt"
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
}

func TestAfterTakesNoOtherPosition(t *testing.T) {
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
}

// What a request does not know is refused by name, on every route.
func TestParametersAreRefusedByName(t *testing.T) {
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
			if a := s.get("Ben", list+"limit="+limit); a.Status != 200 {
				t.Errorf("%slimit=%s: %s", list, limit, a)
			}
		}
	}
	for path, want := range map[string]string{
		"/v1/channels/nothing":                                                "not_an_id channel",
		"/v1/channels/connection-1":                                           "not_an_id channel",
		"/v1/channels/" + strings.ToUpper(channel):                            "not_an_id channel",
		"/v1/channels/" + channel + "%27--":                                   "not_an_id channel",
		"/v1/channels/person-" + scenario.ID("Ben").String():                  "channel_not_found",
		"/v1/channels/reader-" + scenario.ID("Ben").String() + "/messages":    "channel_not_found",
		"/v1/channels/connection-" + uuid.New().String():                      "channel_not_found",
		"/v1/channels/" + channel + "/messages/" + uuid.NewString() + "/seen": "entry_not_found",
		"/v1/contacts?status=friend":                                          "invalid_parameter status",
		"/v1/contacts?name=" + strings.Repeat("a", 201):                       "invalid_parameter name",
		"/v1/contacts?name=a+b+c+d+e+f":                                       "too_many_words name",
	} {
		if a := s.get("Ben", path); a.problem() != want {
			t.Errorf("%s: %s, want %s", path, a, want)
		}
	}
	if a := s.get("Ben", "/v1/channels/"+channel+"/messages/7/seen"); a.Status != 422 || !strings.HasSuffix(a.problem(), "message") {
		t.Errorf("a message that is no id: %s", a)
	}
}

// A 304 says that nothing changed, so it never hides that something did.
func TestAnETagChangesWithTheAnswerAndNeverWithoutIt(t *testing.T) {
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
}

// Pages have everything once and in order, while new messages come.
func TestPagesOfMessagesHaveEverythingOnce(t *testing.T) {
	s, channel, first := two(t)
	want := []string{first.String()}
	for i := range 22 {
		want = append(want, s.send("Ben", "Anna", fmt.Sprint(i)).String())
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 7, 22, 23, 24, 100} {
		var got []string
		newer := 0
		for _, page := range pages(t, func(path string) answer {
			a := s.get("Anna", path+"&"+s.after())
			s.send("Ben", "Anna", "meanwhile")
			newer++
			return a
		}, fmt.Sprintf("/v1/channels/%s/messages?limit=%d", channel, limit), func(p readapi.Messages) string { return p.NextCursor }) {
			if len(page.Messages) > limit || len(page.Messages) == 0 {
				t.Errorf("a page of %d with %d", limit, len(page.Messages))
			}
			for _, m := range page.Messages {
				got = append(got, m.Message)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %q, want %q", limit, got, want)
		}
		// What came meanwhile is there the next time.
		page := read[readapi.Messages](t, s.get("Anna", fmt.Sprintf("/v1/channels/%s/messages?limit=%d&%s", channel, newer, s.after())))
		for _, m := range slices.Backward(page.Messages) {
			want = slices.Insert(want, 0, m.Message)
		}
	}
}

// Pages of the inbox have each channel once, and miss only what moved to the top
// meanwhile.
func TestPagesOfTheInboxHaveEverythingOnce(t *testing.T) {
	s := site0(t)
	s.register("Anna", "Anna")
	var others, want []string
	for i := range 9 {
		other := fmt.Sprint("Tenant ", i)
		s.register(other, other)
		want = append(want, s.connect("Anna", other))
		others = append(others, other)
	}
	slices.Reverse(want)
	inbox := func(between func(page int)) (got []string) {
		n := 0
		for _, page := range pages(t, func(path string) answer {
			a := s.get("Anna", path+"&"+s.after())
			between(n)
			n++
			return a
		}, "/v1/inbox?limit=4", func(p readapi.Inbox) string { return p.NextCursor }) {
			for _, c := range page.Channels {
				got = append(got, c.Channel)
			}
		}
		return got
	}
	if got := inbox(func(int) {}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	got := inbox(func(page int) {
		if page == 0 {
			s.send(others[0], "Anna", "now I am at the top")
			s.send(others[8], "Anna", "and I, who was shown already")
		}
	})
	moved := channelOf("Anna", others[0])
	if without := slices.DeleteFunc(slices.Clone(want), func(c string) bool { return c == moved }); !slices.Equal(got, without) {
		t.Errorf("got %q, want %q", got, without)
	}
	if got := inbox(func(int) {}); len(got) != 9 || got[1] != moved {
		t.Errorf("the next time: %q", got)
	}
}

// A cursor belongs to the list that gave it out.
func TestACursorOfAnotherListIsRefused(t *testing.T) {
	s := site0(t)
	for _, name := range []string{"Anna", "Ben", "Cleo"} {
		s.register(name, name)
	}
	channel := s.connect("Anna", "Ben")
	s.connect("Anna", "Cleo")
	s.send("Anna", "Ben", "one")
	s.send("Anna", "Ben", "two")
	lists := []string{"/v1/inbox?limit=1", "/v1/contacts?limit=1", "/v1/channels/" + channel + "/messages?limit=1"}
	cursors := map[string]string{"": "x"}
	for _, list := range lists {
		page := read[struct {
			Next string `json:"next_cursor"`
		}](t, s.get("Anna", list+"&"+s.after()))
		if page.Next == "" {
			t.Fatalf("%s has no second page", list)
		}
		cursors[list] = page.Next
	}
	for _, list := range lists {
		for from, cursor := range cursors {
			a := s.get("Anna", list+"&cursor="+cursor)
			if from == list && a.Status != 200 || from != list && (a.Status != 422 || a.problem() != "invalid_cursor cursor") {
				t.Errorf("%s with the cursor of %q: %s", list, from, a)
			}
		}
		mine := cursors[list]
		for _, cursor := range []string{mine[:len(mine)-1], mine + "A", strings.ToLower(mine), "%00", strings.Repeat("A", 1025), mine[1:]} {
			if a := s.get("Anna", list+"&cursor="+cursor); a.Status != 422 || !strings.HasSuffix(a.problem(), "cursor") && cursor != "%00" {
				t.Errorf("%s with cursor %.30q: %s", list, cursor, a)
			}
		}
	}
	// A cursor carries no right: somebody else's finds one's own and nothing else.
	if a := s.get("Cleo", "/v1/channels/"+channel+"/messages?limit=1&cursor="+cursors[lists[2]]); a.Status != 404 {
		t.Errorf("an outsider with a member's cursor: %s", a)
	}
	box := read[readapi.Inbox](t, s.get("Ben", "/v1/inbox?limit=5&cursor="+cursors[lists[0]]))
	for _, c := range box.Channels {
		if c.Channel != channel {
			t.Errorf("Ben sees %s by the cursor of Anna", c.Channel)
		}
	}
}

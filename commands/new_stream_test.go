package commands

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/person"
	"lobby.example/domain/scenario"
	"lobby.example/httpapi"
)

// begins are the commands that begin a stream of their own.
var begins = map[string]struct {
	caller       httpapi.Caller
	path, body   string
	other        string // another request
	events       int
	stream, kind string
}{
	"PublishPost":              {as(lena), "/v1/posts", noticeBody, strings.Replace(noticeBody, "Monday", "Friday", 1), 1, "post-", "post_published"},
	"SubmitMaintenanceRequest": {as(tom), "/v1/maintenance-requests", leakBody, strings.Replace(leakBody, "drips", "runs", 1), 2, "maintenance-", "request_submitted"},
	"OpenMaintenanceRequest":   {as(lena), "/v1/maintenance-requests/open", ownLeakBody, strings.Replace(ownLeakBody, "grey", "pink", 1), 2, "maintenance-", "request_opened"},
	"PublishPost by the platform": {host, "/v1/posts?landlord=" + lena.String(), noticeBody,
		strings.Replace(noticeBody, "Water", "Air", 1), 1, "post-", "post_published"},
}

// TestRetryOfWhatBeginsAStream answers byte for byte as the first time: for a
// day, from every process, and also after midnight, when the id of the command is
// another.
func TestRetryOfWhatBeginsAStream(t *testing.T) {
	for name, begin := range begins {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.set(day)
			h.lease(tom)
			one, two := newAPI(h, h.Service), newAPI(h, h.service(h.log, nil))
			send := func(a *api, key, body string) answer {
				return a.do(begin.caller, "POST", begin.path, body, "Idempotency-Key", key)
			}
			first := send(one, "k", begin.body)
			if first.status != http.StatusCreated || first.ID == nil || first.Stream != begin.stream+first.ID.String() || first.Events != begin.events {
				t.Fatal(first.text)
			}
			head := h.head()
			for _, later := range []time.Duration{-2 * time.Minute, 0, time.Minute, time.Hour, 12 * time.Hour, window - time.Microsecond, window} {
				h.set(day.Add(later))
				for process, a := range map[string]*api{"the same": one, "another": two, "a new": newAPI(h, h.service(h.log, nil))} {
					if again := send(a, "k", begin.body); again.text != first.text || again.status != first.status || again.header.Get("Lobby-Position") != first.Position {
						t.Errorf("%s later, %s process: %d %s, want %s", later, process, again.status, again.text, first.text)
					}
					reused := send(a, "k", begin.other)
					if reused.status != http.StatusUnprocessableEntity || reused.Code != "idempotency_key_reused" || len(reused.Errors) != 1 || reused.Errors[0].Field != "Idempotency-Key" {
						t.Errorf("%s later, %s process, another body: %s", later, process, reused.text)
					}
				}
			}
			if h.head() != head {
				t.Error("a retry wrote something")
			}
			// A day later the key is new, and then remembered for a day again.
			ids := map[uuid.UUID]bool{*first.ID: true}
			fresh := day.Add(window + time.Microsecond)
			for _, moment := range []time.Time{fresh, fresh.Add(window + time.Microsecond), fresh.Add(100 * window)} {
				h.set(moment)
				h.meetAnew(tom) // the lease was for a month
				later := send(two, "k", begin.other)
				if later.ID == nil || ids[*later.ID] || later.Events != begin.events {
					t.Fatalf("at %s: %s", moment, later.text)
				}
				ids[*later.ID] = true
				h.set(moment.Add(window / 2))
				if again := send(one, "k", begin.other); again.text != later.text {
					t.Errorf("half a day after %s: %s, want %s", moment, again.text, later.text)
				}
			}
			// Another key, no key.
			for _, a := range []answer{send(one, "other", begin.body), one.do(begin.caller, "POST", begin.path, begin.body), one.do(begin.caller, "POST", begin.path, begin.body)} {
				if a.ID == nil || ids[*a.ID] || a.Events != begin.events {
					t.Errorf("another request: %s", a.text)
				} else {
					ids[*a.ID] = true
				}
			}
		})
	}
}

// TestP28IdenticalRequestsBeginOneStream has two processes take the same request a
// hundred times at once.
func TestP28IdenticalRequestsBeginOneStream(t *testing.T) {
	for name, begin := range begins {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.lease(tom)
			file := h.upload(map[bool]uuid.UUID{true: tom, false: lena}[begin.caller.Person == tom])
			body := strings.Replace(begin.body, "{", `{"attachments":["`+file.String()+`"],`, 1)
			log := &tampered{Log: h.log}
			processes := []*api{newAPI(h, h.service(log, nil)), newAPI(h, h.service(log, nil))}
			for _, a := range processes {
				a.token(begin.caller)
			}
			answers := make([]answer, 100)
			var all sync.WaitGroup
			start := make(chan struct{})
			for i := range answers {
				all.Go(func() {
					<-start
					answers[i] = processes[i%2].do(begin.caller, "POST", begin.path, body, "Idempotency-Key", "key")
				})
			}
			close(start)
			all.Wait()
			for _, a := range answers {
				if a.status != http.StatusCreated || a.text != answers[0].text || a.Events != begin.events {
					t.Fatalf("one is answered %s, another %d %s", answers[0].text, a.status, a.text)
				}
			}
			kinds := map[string]int{}
			for _, e := range h.all() {
				kinds[e.Kind]++
			}
			if kinds[begin.kind] != 1 || kinds["attachment_bound"] != 1 || len(h.stream(answers[0].Stream)) != begin.events {
				t.Errorf("one key wrote %v", kinds)
			}
		})
	}
}

// TestKeyOfANewStreamIsTheCallersOwn, and bound to the operation and to what is
// asked, the landlord included.
func TestKeyOfANewStreamIsTheCallersOwn(t *testing.T) {
	h := newHouse(t)
	olga := scenario.ID("Olga")
	h.must(h.people.Execute(t.Context(), person.Register{Person: olga, Role: person.Landlord, Profile: person.Profile{Name: "Olga"}}, h.request(platform)))
	a := newAPI(h, h.Service)
	key := []string{"Idempotency-Key", "k"}
	streams := map[string]bool{}
	for _, got := range []answer{
		a.do(as(lena), "POST", "/v1/posts", noticeBody, key...),
		a.do(as(olga), "POST", "/v1/posts", noticeBody, key...),
		a.do(host, "POST", "/v1/posts?landlord="+lena.String(), noticeBody, key...),
		a.do(as(lena), "POST", "/v1/maintenance-requests/open", ownLeakBody, key...),
		a.do(as(olga), "POST", "/v1/maintenance-requests/open", ownLeakBody, key...),
	} {
		if got.status != http.StatusCreated || streams[got.Stream] {
			t.Errorf("%d %s", got.status, got.text)
		}
		streams[got.Stream] = true
	}
	if got := a.do(host, "POST", "/v1/posts?landlord="+olga.String(), noticeBody, key...); got.Code != "idempotency_key_reused" {
		t.Errorf("for another landlord: %s", got.text)
	}
}

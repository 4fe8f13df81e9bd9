package commands

import (
	"testing"

	"github.com/google/uuid"

	"lobby.example/httpapi"
)

// FuzzRequestBodies posts a body to every route, as Lena, as Tom and as the
// platform: never a failure of ours, always a problem with a code when refused,
// and the log grows by what the answer says and by nothing else.
func FuzzRequestBodies(f *testing.F) {
	h := newHouse(f)
	a := newAPI(h, h.Service)
	h.lease(tom)
	things := func() targets { return targets{a.sent(tom), a.posted(), a.submitted()} }
	for _, route := range commandRoutes(things()) {
		f.Add(route.body, "")
		f.Add(route.body, "key")
	}
	for _, body := range []string{
		"null", "[]", "{}", `""`, "0", `{"text":null}`, `{"text":"\u0000"}`, `{"text":"\ud800"}`, "{\"text\":\"\xff\"}", `{"text":"a","text":"b"}`,
		`{"TEXT":"a"}`, `{"entries":[]}`, `{"entries":[null]}`, `{"entries":["00000000-0000-0000-0000-000000000000"]}`, `{"unread":"true"}`, `{"muted":1}`,
		`{"person":null,"role":"tenant","name":"N"}`, `{"person":"00000000-0000-0000-0000-000000000000","role":"tenant","name":"N"}`, `{"role":"tenant","name":"\u200b"}`,
		`{"property":"","property_name":"","start":"","end":""}`, `{"name":"N","email":"\"a b\"@example.org"}`, `{"name":"N","email":"a@b\r\nBcc: c@d"}`,
		`{"category":"gossip","title":"T","body":"B","audience":{"all":true}}`, `{"category":"job","title":"T","body":"B","audience":{}}`, `{"category":"job","title":"T","body":"B","audience":null}`,
		`{"category":"job","title":"T","body":"B","audience":{"all":true,"properties":["` + theHouse.String() + `"]},"comments":null}`,
		`{"category":"job","title":"\u2800","body":"","audience":{"properties":[]},"attachments":[""]}`, `{"category":"notice","title":"a\nb","body":"\u0000","comments":"no"}`,
		`{"connection":"` + channel + `","property":"` + uuid.Nil.String() + `","title":"T","text":"a"}`, `{"connection":"post-","property":"` + theHouse.String() + `","title":"T","text":"a"}`,
		`{"text":"","attachments":["` + uuid.Nil.String() + `"]}`, `{"text":"a","attachments":null}`, `{"text":"a","attachments":["` + theHouse.String() + `","` + theHouse.String() + `"]}`,
		`{"history":""}`, `{"history":"some"}`, `{"history":null}`, `{"status":"new"}`, `{"status":""}`, `{"status":"archived"}`, `{"status":["new"]}`,
		`{"url":"http://127.0.0.1:1/#","kinds":["message_sent"],"secret":"` + firstSecret + `"}`, `{"url":"","kinds":[],"secret":""}`, `{"url":"http://a/","kinds":null,"secret":null}`,
		`{"secret":"short"}`, `{"secret":"` + firstSecret + `\u0000"}`, `{"secret":"` + secondSecret + `"}`,
		`{"text":"a"} {"text":"b"}`, `{"text":1e999}`, `[[[[[[[[[[[[[[[[`,
	} {
		f.Add(body, "k")
	}
	f.Fuzz(func(t *testing.T, body, key string) {
		h.TB = t
		h.meetAnew(tom) // the round before may have ended with a disconnect
		of := things()
		headers := []string{"Idempotency-Key", key}
		if key == "" {
			headers = nil
		}
		for _, route := range commandRoutes(of) {
			for _, caller := range []httpapi.Caller{as(lena), as(tom), host} {
				before := h.head()
				got := a.do(caller, route.method, route.path, body, headers...)
				wrote := int(h.head().Commit() - before.Commit())
				what := route.method + " " + route.path
				switch {
				case got.status >= 500:
					t.Fatalf("%s: %d %s", what, got.status, got.text)
				case got.status >= 300 && (got.Code == "" || got.Status != got.status || got.header.Get("Content-Type") != "application/problem+json" || wrote != 0):
					t.Fatalf("%s: refused with %d %s, and %d events", what, got.status, got.text, wrote)
				case got.status < 300 && (got.Stream == "" || got.Events < wrote || key == "" && got.Events != wrote):
					t.Fatalf("%s: answered %s, and %d events", what, got.text, wrote)
				}
			}
		}
	})
}

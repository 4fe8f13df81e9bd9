package commands

import (
	"testing"

	"lobby.example/httpapi"
)

// FuzzRequestBodies posts a body to every route, as Lena, as Tom and as the
// platform: never a failure of ours, always a problem with a code when refused,
// and the log grows by what the answer says and by nothing else.
func FuzzRequestBodies(f *testing.F) {
	h := newHouse(f)
	a := newAPI(h, h.Service)
	for _, route := range commandRoutes(a.sent(tom)) {
		f.Add(route.body, "")
		f.Add(route.body, "key")
	}
	for _, body := range []string{
		"null", "[]", "{}", `""`, "0", `{"text":null}`, `{"text":"\u0000"}`, `{"text":"\ud800"}`, "{\"text\":\"\xff\"}", `{"text":"a","text":"b"}`,
		`{"TEXT":"a"}`, `{"entries":[]}`, `{"entries":[null]}`, `{"entries":["00000000-0000-0000-0000-000000000000"]}`, `{"unread":"true"}`, `{"muted":1}`,
		`{"person":null,"role":"tenant","name":"N"}`, `{"person":"00000000-0000-0000-0000-000000000000","role":"tenant","name":"N"}`, `{"role":"tenant","name":"\u200b"}`,
		`{"property":"","property_name":"","start":"","end":""}`, `{"name":"N","email":"\"a b\"@example.org"}`, `{"name":"N","email":"a@b\r\nBcc: c@d"}`,
		`{"text":"a"} {"text":"b"}`, `{"text":1e999}`, `[[[[[[[[[[[[[[[[`,
	} {
		f.Add(body, "k")
	}
	f.Fuzz(func(t *testing.T, body, key string) {
		h.TB = t
		h.connect(lena, tom) // the round before ends with a disconnect
		entry := a.sent(tom)
		headers := []string{"Idempotency-Key", key}
		if key == "" {
			headers = nil
		}
		for _, route := range commandRoutes(entry) {
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

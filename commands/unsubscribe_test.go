package commands

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/person"
	"lobby.example/domain/scenario"
)

// whoseLink knows three links: Tom's, that of somebody who was never registered,
// and one whose person leaves.
func whoseLink(_ context.Context, token string) (uuid.UUID, bool) {
	id, ok := map[string]uuid.UUID{"tom": tom, "stranger": scenario.ID("stranger"), "otto": otto}[token]
	return id, ok
}

// link follows one on a real server, as a mail program or a browser does.
func link(t *testing.T, server *httptest.Server, method, token string, body io.Reader) (status int, page string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/unsubscribe/"+token, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header.Values(header); len(got) != 1 || got[0] != want {
			t.Errorf("%s %s: %s %q", method, token, header, got)
		}
	}
	if len(w.Cookies()) > 0 || strings.Contains(string(text), "<script") || token != "" && strings.Contains(string(text), token) {
		t.Errorf("%s %s: %s", method, token, text)
	}
	return w.StatusCode, string(text)
}

func (h *house) noCopies(id uuid.UUID) (no bool) {
	h.Helper()
	if err := h.people.Look(h.Context(), person.Stream(id), func(p person.State) error { no = p.Preferences.NoEmailCopies; return nil }); err != nil {
		h.Fatal(err)
	}
	return no
}

func unsubscribeServer(h *house, s *Service) *httptest.Server {
	server := httptest.NewServer(newAPI(h, s).handler)
	h.Cleanup(server.Close)
	return server
}

// RFC 8058: one click is a POST. A GET changes nothing: filters of mail and
// previews follow links.
func TestALinkStopsEmailCopies(t *testing.T) {
	h := newHouse(t)
	server := unsubscribeServer(h, h.Service)
	head := h.head()
	for range 2 {
		if status, page := link(t, server, "GET", "tom", nil); status != http.StatusOK || !strings.Contains(page, `<form method="post">`) {
			t.Errorf("asked with %d %s", status, page)
		}
		if status, page := link(t, server, "HEAD", "tom", nil); status != http.StatusOK || page != "" {
			t.Errorf("HEAD: %d %s", status, page)
		}
	}
	if h.head() != head || h.noCopies(tom) {
		t.Fatal("looking at the link did something")
	}
	// The button, a mail program, and both once more.
	for i, body := range []string{"", "List-Unsubscribe=One-Click", "", strings.Repeat("x", maxUnsubscribeBytes)} {
		if status, page := link(t, server, "POST", "tom", strings.NewReader(body)); status != http.StatusOK || !strings.Contains(page, "No copies of messages will be sent") {
			t.Errorf("body %d: %d %s", i, status, page)
		}
	}
	events := h.stream(person.Stream(tom))
	last := events[len(events)-1]
	var m domain.Metadata
	if err := json.Unmarshal(last.Metadata, &m); err != nil {
		t.Fatal(err)
	}
	if len(events) != 2 || last.Kind != "preferences_set" || m.Actor != tom || !h.noCopies(tom) {
		t.Errorf("%d events, the last %s by %s", len(events), last.Kind, m.Actor)
	}
}

func TestALinkOfNobodyIsNoPage(t *testing.T) {
	h := newHouse(t)
	server := unsubscribeServer(h, h.Service)
	head := h.head()
	_, nothing := link(t, server, "GET", "eve", nil)
	for _, c := range []struct{ method, token string }{
		{"GET", "eve"}, {"POST", "eve"}, {"GET", "tom%20"}, {"POST", "TOM"}, {"POST", strings.Repeat("x", 5000)},
		{"POST", "stranger"}, // a link that was made; only the stream says that there is nobody
	} {
		if status, page := link(t, server, c.method, c.token, nil); status != http.StatusNotFound || page != nothing {
			t.Errorf("%s %.20s: %d %s", c.method, c.token, status, page)
		}
	}
	if h.head() != head {
		t.Error("something was written")
	}
}

// Nobody writes to who was deactivated, so what the page says is true of them.
func TestALinkOfOneWhoWasDeactivated(t *testing.T) {
	h := newHouse(t)
	server := unsubscribeServer(h, h.Service)
	h.must(h.people.Execute(t.Context(), person.Deactivate{Person: otto}, h.request(otto)))
	head := h.head()
	if status, page := link(t, server, "POST", "otto", nil); status != http.StatusOK || h.head() != head {
		t.Errorf("%d %s", status, page)
	}
}

func TestALinkTakesLittle(t *testing.T) {
	h := newHouse(t)
	server := unsubscribeServer(h, h.Service)
	if status, page := link(t, server, "POST", "tom", strings.NewReader(strings.Repeat("x", maxUnsubscribeBytes+1))); status != http.StatusRequestEntityTooLarge || h.noCopies(tom) {
		t.Errorf("%d %s", status, page)
	}
}

// Where the log cannot be written, the page does not say that it is done.
func TestALinkDoesNotClaimWhatDidNotHappen(t *testing.T) {
	h := newHouse(t)
	s := h.service(h.log, nil)
	server := unsubscribeServer(h, s)
	h.log.Close()
	if status, page := link(t, server, "POST", "tom", nil); status != http.StatusServiceUnavailable || strings.Contains(page, "No copies") {
		t.Errorf("%d %s", status, page)
	}
}

func TestWithoutLinksThereIsNoPage(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, New(h.log, Options{Logger: quiet}))
	for _, method := range []string{"GET", "POST"} {
		if got := a.do(as(tom), method, "/unsubscribe/tom", ""); got.status != http.StatusNotFound || got.Code != "no_such_route" {
			t.Errorf("%s: %d %s", method, got.status, got.text)
		}
	}
}

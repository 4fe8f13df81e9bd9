package readapi_test

import (
	"encoding/json"
	"net/url"
	"testing"

	"github.com/google/uuid"
)

// building is Anna, who lets to Ben and Cleo, and Dora, who mends what is broken;
// Emil lets to nobody here.
func building(t testing.TB) *site {
	s := site0(t)
	for _, name := range []string{"Anna", "Ben", "Cleo", "Dora", "Emil"} {
		s.register(name, name)
	}
	for _, name := range []string{"Ben", "Cleo", "Dora"} {
		s.connect("Anna", name)
	}
	s.lease("Ben", "elm 4", "2026-02-01", "2026-03-31")
	s.lease("Cleo", "elm 5", "2026-02-01", "2026-03-31")
	return s
}

// lease shares one of Anna's.
func (s *site) lease(tenant, property, start, end string) string {
	s.t.Helper()
	return s.done("Anna", "POST", "/v1/connections/"+channelOf("Anna", tenant)+"/leases",
		map[string]any{"property": idOf(property), "property_name": property, "start": start, "end": end}).String()
}

// publish puts a post on Anna's board, to all or to those of properties.
func (s *site) publish(title, body string, properties ...string) string {
	s.t.Helper()
	audience := map[string]any{"all": len(properties) == 0}
	if len(properties) > 0 {
		var ids []uuid.UUID
		for _, p := range properties {
			ids = append(ids, idOf(p))
		}
		audience["properties"] = ids
	}
	return "post-" + s.done("Anna", "POST", "/v1/posts", map[string]any{"category": "notice", "title": title, "body": body, "audience": audience}).String()
}

func (s *site) comment(name, post, text string) string {
	s.t.Helper()
	return s.done(name, "POST", "/v1/posts/"+post+"/comments", map[string]any{"text": text}).String()
}

// submit is a request of Ben's.
func (s *site) submit(title, text string) string {
	s.t.Helper()
	return "maintenance-" + s.done("Ben", "POST", "/v1/maintenance-requests",
		map[string]any{"connection": channelOf("Anna", "Ben"), "property": idOf("elm 4"), "title": title, "text": text}).String()
}

func (s *site) shareWith(name, request, history string) {
	s.t.Helper()
	s.done("Anna", "PUT", "/v1/maintenance-requests/"+request+"/shares/"+idOf(name).String(), map[string]any{"history": history})
}

// write sends a message to any channel.
func (s *site) write(name, channel, text string) string {
	s.t.Helper()
	return s.done(name, "POST", "/v1/channels/"+channel+"/messages", map[string]any{"text": text}).String()
}

func (s *site) see(name, channel string, entries ...string) {
	s.t.Helper()
	s.done(name, "POST", "/v1/channels/"+channel+"/seen", map[string]any{"entries": entries})
}

func annasBoard() string { return "board-" + idOf("Anna").String() }

// column is one field of all items of a list, over all of its pages.
func (s *site) column(name, path, list, field string) (values []string) {
	s.t.Helper()
	for _, page := range pages(s.t, func(path string) answer { return s.get(name, path+"&"+s.after()) }, path, func(p map[string]json.RawMessage) (next string) {
		json.Unmarshal(p["next_cursor"], &next)
		return next
	}) {
		var items []map[string]any
		if err := json.Unmarshal(page[list], &items); err != nil {
			s.t.Fatal(err)
		}
		for _, item := range items {
			values = append(values, item[field].(string))
		}
	}
	return values
}

func (s *site) posts(name, query string) []string {
	s.t.Helper()
	return s.column(name, "/v1/boards/"+annasBoard()+"/posts?"+query, "posts", "title")
}

func (s *site) search(name, text string) []string {
	s.t.Helper()
	return s.column(name, "/v1/messages?text="+url.QueryEscape(text), "messages", "text")
}

package commands

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/httpapi"
)

// step is one request, and what it must come to.
type step struct {
	caller       httpapi.Caller
	method, path string
	body         string
	status       int    // 200 where it says nothing
	stream, kind string // of the last event written; no kind for none
	events       int    // 1 where it says nothing and there is a kind
	made         string // the name by which later steps know the new thing's id
}

// walk takes all steps, one after the other.
func (a *api) walk(steps []step) {
	a.Helper()
	var names []string
	for _, step := range steps {
		replace := strings.NewReplacer(names...)
		path, body := replace.Replace(step.path), replace.Replace(step.body)
		head := a.head()
		got := a.do(step.caller, step.method, path, body)
		if step.status == 0 {
			step.status = http.StatusOK
		}
		what := step.method + " " + path + " " + body
		if got.status != step.status {
			a.Fatalf("%s: %d %s", what, got.status, got.text)
		}
		if step.made != "" {
			if got.ID == nil {
				a.Fatalf("%s: made nothing: %s", what, got.text)
			}
			names = append([]string{step.made, got.ID.String()}, names...) // the newest of a name is found first
		}
		if step.stream == "" {
			continue
		}
		if step.kind != "" {
			step.events = max(step.events, 1)
		}
		stream := strings.NewReplacer(names...).Replace(step.stream)
		events := a.stream(stream)
		if len(events) == 0 {
			a.Fatalf("%s: answered %s, and %s has no event", what, got.text, stream)
		}
		last := events[len(events)-1]
		if got.Stream != stream || got.Events != step.events || got.Revision != int64(last.Revision) || got.Position != last.Position.String() || got.header.Get("Lobby-Position") != got.Position {
			a.Errorf("%s: answered %s, position %s; the stream ends at %d, %s", what, got.text, got.header.Get("Lobby-Position"), last.Revision, last.Position)
		}
		if step.kind != "" && last.Kind != step.kind || (a.head() == head) != (step.kind == "") {
			a.Errorf("%s: wrote %s, want %q", what, last.Kind, step.kind)
		}
		if step.kind == "" {
			continue
		}
		for _, e := range events[len(events)-step.events:] {
			var m domain.Metadata
			if err := json.Unmarshal(e.Metadata, &m); err != nil || m.Actor != step.caller.Person || m.Command == uuid.Nil || m.Correlation != m.Command || m.Causation != m.Command || m.Content != "" || m.Schema != domain.MetadataSchema || time.Since(m.OccurredAt.Time) > time.Minute {
				a.Errorf("%s: metadata %s, %v", what, e.Metadata, err)
			}
		}
		if step.made != "" && !strings.Contains(string(last.Data), `"`+got.ID.String()+`"`) {
			a.Fatalf("%s: made %v, wrote %s", what, got.ID, last.Data)
		}
	}
}

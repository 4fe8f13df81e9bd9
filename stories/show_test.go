package stories

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// commandAnswer is what a command answers with.
type commandAnswer struct {
	ID       string            `json:"id"`
	Stream   string            `json:"stream"`
	Revision eventlog.Revision `json:"revision"`
	Position string            `json:"position"`
	Events   int               `json:"events"`
}

// written tells the events that a command wrote, as they are in the log.
func (s *teller) written(done commandAnswer, before eventlog.Position) string {
	position, err := eventlog.ParsePosition(done.Position)
	if err != nil {
		s.t.Fatal(err)
	}
	if position.Compare(before) > 0 {
		s.after = done.Position
	}
	if done.Events == 0 {
		return "nothing to do"
	}
	var kinds []string
	from := done.Revision - eventlog.Revision(done.Events) + 1
	for r, err := range s.log.ReadStream(s.t.Context(), done.Stream, from, eventlog.Forward, done.Events) {
		if err != nil {
			s.t.Fatal(err)
		}
		kinds = append(kinds, kindOf(r))
	}
	told := strings.Join(kinds, ", ")
	if position.Compare(before) <= 0 {
		return "answered as before: " + told
	}
	return told
}

func kindOf(r eventlog.Recorded) string {
	kind := strings.ReplaceAll(r.Kind, "_", " ")
	var why struct{ Reason string }
	if json.Unmarshal(r.Data, &why) == nil && why.Reason != "" {
		kind += " (" + why.Reason + ")"
	}
	return kind
}

// entry is the id of what a command made, as an entry that people see.
func (s *teller) entry(done commandAnswer) string {
	if done.Stream != "maintenance-"+done.ID {
		return done.ID
	}
	for r, err := range s.log.ReadStream(s.t.Context(), done.Stream, 1, eventlog.Forward, 1) {
		s.must(err)
		var sent struct{ Message string }
		s.must(json.Unmarshal(r.Data, &sent))
		return sent.Message
	}
	return done.ID
}

// refusal tells a problem document.
func (s *teller) refusal(a answer) string {
	var p struct {
		Detail, Code string
		Errors       []struct{ In, Field, Code, Message string }
		Decided      *struct {
			Stream   string
			Revision int
			By       uuid.UUID
			Time     time.Time
		}
	}
	if err := a.decode(&p); err != nil || p.Code == "" {
		s.t.Fatalf("%d is no problem document: %s", a.status, a.body)
	}
	told := fmt.Sprintf("refused: %s (%d %s", p.Detail, a.status, p.Code)
	if len(p.Errors) == 1 && p.Errors[0].Code == p.Code { // a rule's: it says all but the field
		told += ": " + p.Errors[0].Field
		p.Errors = nil
	}
	told += ")"
	for _, e := range p.Errors {
		told += "\n  " + strings.Join(strings.Fields(e.In+" "+e.Field), " ") + ": " + e.Code
	}
	if d := p.Decided; d != nil {
		told += fmt.Sprintf("\n  decided by %s, revision %d, %s", s.people[s.names[d.By]], d.Revision, clock(d.Time))
	}
	return told
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// read answers a query that is sure to know of everything before it.
func (s *teller) read(token, path string) answer {
	if s.after != "" {
		mark := "?"
		if strings.Contains(path, "?") {
			mark = "&"
		}
		path += mark + "after=" + s.after
	}
	return s.request(token, "", "GET", path, "")
}

// show tells what the person sees.
func (s *teller) show(who, token, path, shows string) string {
	a := s.read(token, path)
	if !a.ok() {
		return s.refusal(a)
	}
	var seen any
	if err := a.decode(&seen); err != nil {
		s.t.Fatal(err)
	}
	t := template.Must(template.New("").Option("missingkey=error").Funcs(s.functions(who)).Parse(parts + postParts))
	template.Must(t.Parse(shows))
	var told strings.Builder
	if err := t.Execute(&told, seen); err != nil {
		s.t.Fatalf("%v in %s", err, a.body)
	}
	if text := strings.TrimSpace(told.String()); text != "" {
		return text
	}
	return "nothing"
}

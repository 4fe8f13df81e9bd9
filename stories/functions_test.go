package stories

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/google/uuid"

	"lobby.example/projections"
)

// functions are those of the templates that somebody's screen is told with.
func (s *teller) functions(who string) template.FuncMap {
	name := func(id string) string { return s.names[uuid.MustParse(id)] }
	return template.FuncMap{
		"role":    func(role string) string { return strings.ReplaceAll(role, "_", " ") },
		"who":     name,
		"program": s.programs.called,
		"yes":     func(yes bool) string { return map[bool]string{true: "yes", false: "no"}[yes] },
		"time":    func(at string) (string, error) { t, err := time.Parse(time.RFC3339, at); return clock(t), err },
		"channel": func(id string) (string, error) { return s.nameOf(who, id) },
		"counted": func(channels []any) ([]map[string]any, error) { return s.counted(who, channels) },
		"many": func(n float64, what string) string {
			if n != 1 {
				what += "s"
			}
			return fmt.Sprint(n, " ", what)
		},
		"audience": func(a map[string]any) string {
			var places []string
			for _, id := range a["properties"].([]any) {
				places = append(places, name(id.(string)))
			}
			slices.Sort(places)
			if a["all"] == true {
				places = append(places, "all")
			}
			return strings.Join(places, " and ")
		},
	}
}

// nameOf is what the story calls a channel.
func (s *teller) nameOf(who, channel string) (string, error) {
	for first, full := range s.people {
		if channel == s.channel(who, first) {
			return full, nil
		}
		if channel == projections.BoardOf(s.id(first)) {
			return "the board of " + full, nil
		}
	}
	for _, t := range s.things {
		if t.channel == channel && t.title != "" {
			return t.title, nil
		}
	}
	return "", fmt.Errorf("%s is shown a channel of nobody in the story", who)
}

// counted gives channels with their names, in the order of the sections and then
// of the names: the ids that they come ordered by are others in each run.
func (s *teller) counted(who string, channels []any) ([]map[string]any, error) {
	var named []map[string]any
	for _, c := range channels {
		c := c.(map[string]any)
		name, err := s.nameOf(who, c["channel"].(string))
		if err != nil {
			return nil, err
		}
		c["name"] = name
		named = append(named, c)
	}
	order := func(c map[string]any) string {
		at := slices.Index(sections, c["section"].(string))
		return fmt.Sprint(at, c["name"])
	}
	slices.SortFunc(named, func(a, b map[string]any) int { return strings.Compare(order(a), order(b)) })
	return named, nil
}

// sections are those of the inbox, in the order in which it has them.
var sections = []string{projections.Messages, projections.Board, projections.Maintenance}

package stories

import (
	"regexp"
	"strings"
)

// sentence is one thing that a story can say of somebody. The words in capitals
// stand for what they name; braces put them into the request, as an id where a
// thing has one.
type sentence struct {
	says  string // after the name of whoever does it
	route string
	body  string
	shows string // for a query: a template of the answer; a command shows its events
}

// language is all that stories are told in.
var language = []sentence{
	{says: "registers NAME as ROLE", route: "POST /persons", body: `{"person": {PERSON}, "name": {NAME}, "role": {ROLE}}`},
	{says: "takes the name NAME", route: "PUT /persons/{ME}/profile", body: `{"name": {NAME}}`},
	{says: "prefers email copies YES, desktop notifications NO", route: "PUT /persons/{ME}/preferences",
		body: `{"email_copies": {YES}, "desktop_notifications": {NO}}`},
	{says: "deactivates PERSON", route: "DELETE /persons/{PERSON}"},

	{says: "invites PERSON", route: "POST /connections", body: `{"person": {PERSON}}`},
	{says: "accepts CHANNEL", route: "POST /connections/{CHANNEL}/accept"},
	{says: "declines CHANNEL", route: "POST /connections/{CHANNEL}/decline"},
	{says: "disconnects CHANNEL", route: "DELETE /connections/{CHANNEL}"},
	{says: "shares lease NEW with CHANNEL: PLACE, FIRST to LAST", route: "POST /connections/{CHANNEL}/leases",
		body: `{"property": {PLACE}, "property_name": {PLACENAME}, "start": {FIRST}, "end": {LAST}}`},
	{says: "shares for LANDLORD lease NEW with CHANNEL: PLACE, FIRST to LAST", route: "POST /connections/{CHANNEL}/leases",
		body: `{"landlord": {LANDLORD}, "property": {PLACE}, "property_name": {PLACENAME}, "start": {FIRST}, "end": {LAST}}`},
	{says: "ends lease THING", route: "DELETE /connections/{CHANNEL}/leases/{THING}"},
	{says: "ends for LANDLORD lease THING", route: "DELETE /connections/{CHANNEL}/leases/{THING}?landlord={LANDLORD}"},

	{says: "writes NEW to CHANNEL: TEXT", route: "POST /channels/{CHANNEL}/messages", body: `{"text": {TEXT}}`},
	{says: "deletes THING", route: "DELETE /channels/{CHANNEL}/messages/{THING}"},
	{says: "sees THINGS", route: "POST /channels/{CHANNEL}/seen", body: `{"entries": {THINGS}}`},
	{says: "marks CHANNEL unread", route: "PUT /channels/{CHANNEL}/unread", body: `{"unread": true}`},
	{says: "takes the mark off CHANNEL", route: "PUT /channels/{CHANNEL}/unread", body: `{"unread": false}`},
	{says: "mutes CHANNEL", route: "PUT /channels/{CHANNEL}/mute", body: `{"muted": true}`},
	{says: "unmutes CHANNEL", route: "PUT /channels/{CHANNEL}/mute", body: `{"muted": false}`},

	{says: "looks at the own page", route: "GET /me", shows: `
{{.name}} ({{role .role}}), {{.unread}} unread; email copies {{yes .preferences.email_copies}}, desktop notifications {{yes .preferences.desktop_notifications}}`},
	{says: "looks at the contacts", route: "GET /contacts", shows: contacts},
	{says: "looks at the contacts that are STATUS", route: "GET /contacts?status={STATUS}", shows: contacts},
	{says: "looks for the contacts named TEXT", route: "GET /contacts?name={TEXT}", shows: contacts},
	{says: "looks at the inbox", route: "GET /inbox", shows: `
{{range .channels}}{{template "head" .}}{{with index . "last_message"}}; {{who .author}}: {{.text}}{{end}}
{{end}}`},
	{says: "looks at the bubble", route: "GET /unread", shows: `
{{.total}} unread
{{range .channels}}{{channel .channel}}: {{.unread}}{{template "flags" .}}
{{end}}`},
	{says: "looks at the channel with CHANNEL", route: "GET /channels/{CHANNEL}", shows: `{{template "head" .}}`},
	{says: "reads the messages with CHANNEL", route: "GET /channels/{CHANNEL}/messages", shows: `
{{range .messages}}{{who .author}}: {{.text}}{{if .unread}} (unread){{end}}{{if .seen}} (seen){{end}}{{if .can_delete}} (can be deleted){{end}}
{{end}}`},
	{says: "asks who has seen THING", route: "GET /channels/{CHANNEL}/entries/{THING}/seen", shows: `
{{range .by}}{{.name}}, revision {{.revision}}, {{time .at}}
{{end}}`},
}

const contacts = `
{{range .contacts}}{{.name}} ({{role .role}}){{if not .active}}, not active any more{{end}}: {{.status}}
{{range .leases}}  lease of {{.property_name}}, {{.start}} to {{.end}}{{if not .active}}, not begun{{end}}
{{end}}{{end}}`

// parts are templates that several sentences use.
const parts = `
{{define "flags"}}{{if .muted}}, muted{{end}}{{if .marked_unread}}, marked unread{{end}}{{end}}
{{define "head"}}{{.with.name}} ({{role .with.role}}){{if not .with.active}}, not active any more{{end}}: {{.unread}} unread
{{- template "flags" .}}{{if not .open}}, closed{{end}}{{end}}`

// words are what the words in capitals stand for.
var words = map[string]string{
	"NAME":     `\p{Lu}\S*(?: \S+)*`,
	"ROLE":     `landlord|tenant|service pro`,
	"PERSON":   `\p{Lu}\p{L}*`,
	"LANDLORD": `\p{Lu}\p{L}*`,
	"CHANNEL":  `\p{Lu}\p{L}*(?: and \p{Lu}\p{L}*)?`,
	"NEW":      `#\w+`,
	"THING":    `#\w+`,
	"THINGS":   `#\w+(?:, #\w+)*`,
	"PLACE":    `[^,]+`,
	"FIRST":    `\S+`,
	"LAST":     `\S+`,
	"STATUS":   `\w+`,
	"YES":      `yes|no`,
	"NO":       `yes|no`,
	"TEXT":     `.*`,
}

var capitals = regexp.MustCompile(`\b[A-Z]{2,}\b`)

// patterns are the sentences as regular expressions, each word in capitals a
// group of its name.
var patterns = func() (compiled []*regexp.Regexp) {
	for _, s := range language {
		pattern := capitals.ReplaceAllStringFunc(s.says, func(word string) string {
			return "(?P<" + word + ">" + words[word] + ")"
		})
		compiled = append(compiled, regexp.MustCompile("^"+pattern+"$"))
	}
	return compiled
}()

// understand finds the sentence that is said, and what its words stand for.
func understand(said string) (s sentence, named map[string]string, ok bool) {
	for i, pattern := range patterns {
		match := pattern.FindStringSubmatch(said)
		if match == nil {
			continue
		}
		named = map[string]string{}
		for j, name := range pattern.SubexpNames() {
			if name != "" {
				named[name] = strings.TrimSpace(match[j])
			}
		}
		return language[i], named, true
	}
	return sentence{}, nil, false
}

package stories

// aboutChannels is what people write each other, and the inbox.
var aboutChannels = []sentence{
	{says: "writes NEW to CHANNEL: TEXT", route: "POST /channels/{CHANNEL}/messages", body: `{"text": {TEXT}}`},
	{says: "deletes THING", route: "DELETE /channels/{CHANNEL}/messages/{THING}"},
	{says: "sees THINGS", route: "POST /channels/{CHANNEL}/seen", body: `{"entries": {THINGS}}`},
	{says: "marks CHANNEL unread", route: "PUT /channels/{CHANNEL}/unread", body: `{"unread": true}`},
	{says: "takes the mark off CHANNEL", route: "PUT /channels/{CHANNEL}/unread", body: `{"unread": false}`},
	{says: "mutes CHANNEL", route: "PUT /channels/{CHANNEL}/mute", body: `{"muted": true}`},
	{says: "unmutes CHANNEL", route: "PUT /channels/{CHANNEL}/mute", body: `{"muted": false}`},

	{says: "looks at the inbox", route: "GET /inbox", shows: inbox},
	{says: "looks at the section SECTION", route: "GET /inbox?section={SECTION}", shows: inbox},
	{says: "looks at the bubble", route: "GET /unread", shows: `
{{.total}} unread
{{range counted .channels}}{{.name}}: {{.unread}}{{template "flags" .}}
{{end}}`},
	{says: "looks at the channel with CHANNEL", route: "GET /channels/{CHANNEL}", shows: `{{template "head" .}}`},
	{says: "reads the messages with CHANNEL", route: "GET /channels/{CHANNEL}/messages", shows: messages},
	{says: "reads the messages of CHANNEL", route: "GET /channels/{CHANNEL}/messages", shows: messages},
	{says: "asks who has seen THING", route: "GET /channels/{CHANNEL}/entries/{THING}/seen", shows: `
{{range .by}}{{.name}}, revision {{.revision}}, {{time .at}}
{{end}}`},
	{says: "searches the messages for TEXT", route: "GET /messages?text={TEXT}", shows: found},
	{says: "searches the messages of CHANNEL for TEXT", route: "GET /messages?channel={CHANNEL}&text={TEXT}", shows: found},
}

const (
	inbox = `
{{range .channels}}{{template "head" .}}{{with index . "last_message"}}; {{who .author}}: {{.text}}{{end}}
{{end}}`
	messages = `
{{range .messages}}{{who .author}}: {{.text}}{{if .unread}} (unread){{end}}{{if .seen}} (seen){{end}}{{if .can_delete}} (can be deleted){{end}}{{template "files" .}}
{{end}}`
	found = `
{{range .messages}}{{channel .channel}}, {{time .at}}, {{who .author.person}}: {{.text}}
{{end}}`
)

// parts are templates that several sentences use.
const parts = `
{{define "flags"}}{{if .muted}}, muted{{end}}{{if .marked_unread}}, marked unread{{end}}{{end}}
{{define "files"}}{{range .attachments}} [{{.name}}, {{.type}}, {{many .size "byte"}}]{{end}}{{end}}
{{define "person"}}{{.name}} ({{role .role}}){{if not .active}}, not active any more{{end}}{{end}}
{{define "sections"}}{{range $i, $s := .}}{{if $i}}, {{end}}{{$s.section}} {{$s.unread}}{{end}}{{end}}
{{define "head"}}
{{- if eq .section "board"}}{{with index . "with"}}the board of {{.name}}{{else}}the own board{{end}}
{{- else if eq .section "maintenance"}}{{.title}}, {{role .status}}{{with index . "with"}}, with {{template "person" .}}{{end}}
{{- else}}{{template "person" .with}}{{end}}: {{.unread}} unread
{{- template "flags" .}}{{if not .open}}, closed{{end}}{{end}}`

package stories

// aboutPeople is who there is, and how two of them stand to each other.
var aboutPeople = []sentence{
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

	{says: "looks at the own page", route: "GET /me", shows: `
{{.name}} ({{role .role}}), {{.unread}} unread{{with .sections}} ({{template "sections" .}}){{end}}; email copies {{yes .preferences.email_copies}}, desktop notifications {{yes .preferences.desktop_notifications}}`},
	{says: "looks at the contacts", route: "GET /contacts", shows: contacts},
	{says: "looks at the contacts that are STATUS", route: "GET /contacts?status={STATUS}", shows: contacts},
	{says: "looks for the contacts named TEXT", route: "GET /contacts?name={TEXT}", shows: contacts},
}

const contacts = `
{{range .contacts}}{{template "person" .}}: {{.status}}
{{range .leases}}  lease of {{.property_name}}, {{.start}} to {{.end}}{{if not .active}}, not begun{{end}}
{{end}}{{end}}`

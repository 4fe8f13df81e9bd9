package stories

// aboutRequests is what has to be mended, and who sees to it.
var aboutRequests = []sentence{
	{says: "submits NEW to CHANNEL about PLACE: TITLE. TEXT", route: "POST /maintenance-requests",
		body: `{"connection": {CHANNEL}, "property": {PLACE}, "title": {TITLE}, "text": {TEXT}}`},
	{says: "opens NEW about PLACE: TITLE. TEXT", route: "POST /maintenance-requests/open",
		body: `{"property": {PLACE}, "property_name": {PLACENAME}, "title": {TITLE}, "text": {TEXT}}`},
	{says: "shares THING with PERSON", route: "PUT /maintenance-requests/{CHANNEL}/shares/{PERSON}", body: `{"history": "all"}`},
	{says: "shares THING with PERSON from now on", route: "PUT /maintenance-requests/{CHANNEL}/shares/{PERSON}", body: `{"history": "from_now"}`},
	{says: "stops sharing THING with PERSON", route: "DELETE /maintenance-requests/{CHANNEL}/shares/{PERSON}"},
	{says: "sets THING to STATUS", route: "PUT /maintenance-requests/{CHANNEL}/status", body: `{"status": {STATUS}}`},

	{says: "looks at the requests", route: "GET /maintenance-requests", shows: requests},
	{says: "looks at the requests that are STATUS", route: "GET /maintenance-requests?status={STATUS}", shows: requests},
	{says: "looks at the requests about PLACE", route: "GET /maintenance-requests?property={PLACE}", shows: requests},
	{says: "looks at the requests with PERSON", route: "GET /maintenance-requests?person={PERSON}", shows: requests},
}

const requests = `
{{range .requests}}{{.title}}, {{.property_name}}: {{role .status}} since {{time .status_at}}, {{.unread}} unread
  of {{.landlord.name}}{{with index . "submitter"}}, submitted by {{who .}}{{end}}{{range $i, $p := .shared_with}}{{if $i}}, {{else}}; shared with {{end}}{{template "person" $p}}{{end}}
{{end}}`

package stories

import "net/http"

// asItIs stands for a body that is a file, and for an answer that is one.
const asItIs = "as it is"

// aboutFiles is what is attached, and who gets it.
var aboutFiles = []sentence{
	{says: "uploads NEW called CALLED: TEXT", route: "POST /attachments?name={CALLED}", body: asItIs},
	{says: "uploads NEW called CALLED with nothing in it", route: "POST /attachments?name={CALLED}"},
	{says: "sends NEW to CHANNEL without a word: FILES", route: "POST /channels/{CHANNEL}/messages", body: `{"text": "", "attachments": {FILES}}`},
	{says: "writes NEW to CHANNEL, attaching FILES: TEXT", route: "POST /channels/{CHANNEL}/messages", body: `{"text": {TEXT}, "attachments": {FILES}}`},
	{says: "writes NEW to CHANNEL with a copy by email: TEXT", route: "POST /channels/{CHANNEL}/messages", body: `{"text": {TEXT}, "email_copy": true}`},
	{says: "publishes notice NEW to AUDIENCE, attaching FILES: TITLE. TEXT", route: "POST /posts",
		body: `{"category": "notice", "title": {TITLE}, "body": {TEXT}, "audience": {AUDIENCE}, "attachments": {FILES}}`},
	{says: "comments NEW on THING, attaching FILES: TEXT", route: "POST /posts/{CHANNEL}/comments", body: `{"text": {TEXT}, "attachments": {FILES}}`},
	{says: "submits NEW to CHANNEL about PLACE, attaching FILES: TITLE. TEXT", route: "POST /maintenance-requests",
		body: `{"connection": {CHANNEL}, "property": {PLACE}, "title": {TITLE}, "text": {TEXT}, "attachments": {FILES}}`},
	{says: "downloads FILE", route: "GET /attachments/{FILE}", shows: asItIs},
}

// download tells what a file holds and how a browser takes it.
func (s *teller) download(token, path string) string {
	a := s.request(token, "", http.MethodGet, path, "")
	if !a.ok() {
		return s.refusal(a)
	}
	return a.header.Get("Content-Disposition") + "; " + a.header.Get("Content-Type") + "\n" + string(a.body)
}

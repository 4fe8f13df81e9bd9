package stories

// aboutBoards is what a landlord publishes, and what is said to it.
var aboutBoards = []sentence{
	{says: "publishes CATEGORY NEW to AUDIENCE: TITLE. TEXT", route: "POST /posts",
		body: `{"category": {CATEGORY}, "title": {TITLE}, "body": {TEXT}, "audience": {AUDIENCE}}`},
	{says: "publishes without comments CATEGORY NEW to AUDIENCE: TITLE. TEXT", route: "POST /posts",
		body: `{"category": {CATEGORY}, "title": {TITLE}, "body": {TEXT}, "audience": {AUDIENCE}, "comments": false}`},
	{says: "edits THING to CATEGORY: TITLE. TEXT", route: "PUT /posts/{CHANNEL}", body: `{"category": {CATEGORY}, "title": {TITLE}, "body": {TEXT}}`},
	{says: "removes post THING", route: "DELETE /posts/{CHANNEL}"},
	{says: "pins THING", route: "PUT /posts/{CHANNEL}/pin"},
	{says: "unpins THING", route: "DELETE /posts/{CHANNEL}/pin"},
	{says: "closes the comments on THING", route: "DELETE /posts/{CHANNEL}/commenting"},
	{says: "opens the comments on THING", route: "PUT /posts/{CHANNEL}/commenting"},
	{says: "comments NEW on THING: TEXT", route: "POST /posts/{CHANNEL}/comments", body: `{"text": {TEXT}}`},
	{says: "deletes comment THING", route: "DELETE /posts/{CHANNEL}/comments/{THING}"},
	{says: "removes comment THING", route: "POST /posts/{CHANNEL}/comments/{THING}/remove"},

	{says: "looks at the boards", route: "GET /boards", shows: `
{{range .boards}}{{.landlord.name}}: {{many .posts "post"}}, last activity {{time .last_activity}}, {{.unread}} unread{{template "flags" .}}
{{end}}`},
	{says: "looks at CHANNEL", route: "GET /boards/{CHANNEL}/posts", shows: posts},
	{says: "looks at CHANNEL under CATEGORY", route: "GET /boards/{CHANNEL}/posts?category={CATEGORY}", shows: posts},
	{says: "looks at CHANNEL for PLACE", route: "GET /boards/{CHANNEL}/posts?property={PLACE}", shows: posts},
	{says: "looks at CHANNEL by PERSON", route: "GET /boards/{CHANNEL}/posts?author={PERSON}", shows: posts},
	{says: "looks at CHANNEL from FIRST to before LAST", route: "GET /boards/{CHANNEL}/posts?from={FIRST}T00:00:00Z&until={LAST}T00:00:00Z", shows: posts},
	{says: "searches CHANNEL: TEXT", route: "GET /boards/{CHANNEL}/posts?text={TEXT}", shows: posts},
	{says: "searches CHANNEL under CATEGORY: TEXT", route: "GET /boards/{CHANNEL}/posts?category={CATEGORY}&text={TEXT}", shows: posts},
	{says: "opens THING", route: "GET /posts/{CHANNEL}", shows: `
{{template "post" .}}{{template "files" .}}
{{.body}}
by {{template "person" .author}}, {{time .at}}{{with index . "edited_at"}}, edited {{time .}}{{end}}{{with index . "audience"}}; to {{audience .}}{{end}}
{{if not .comments_open}}Commenting this post is not available
{{end}}`},
	{says: "reads the comments on THING", route: "GET /posts/{CHANNEL}/comments", shows: `
{{range .comments}}{{.author.name}}: {{.text}}
{{- if .unread}} (unread){{end}}{{if .seen_by_landlord}} (seen by the landlord){{end}}{{if .can_delete}} (can be deleted){{end}}{{if .can_remove}} (can be removed){{end}}{{template "files" .}}
{{end}}`},
}

const posts = `
{{range .posts}}{{template "post" .}}
{{end}}`

// postParts is the line that a board has for a post.
const postParts = `
{{define "post"}}{{.title}} ({{role .category}}{{if .pinned}}, pinned{{end}}{{if .unread}}, unread{{end}}{{if not .comments_open}}, comments closed{{end}})
{{- if .comments}}: {{many .comments "comment"}}{{end}}{{if .unread_comments}}, {{.unread_comments}} unread{{end}}{{end}}`

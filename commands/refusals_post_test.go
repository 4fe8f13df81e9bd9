package commands

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
)

// TestRefusalsOnPosts sends what must be refused to every route of posts and comments.
func TestRefusalsOnPosts(t *testing.T) {
	h := newHouse(t)
	h.lease(tom)
	h.connect(lena, tia)
	h.connect(lena, pia)
	a := newAPI(h, h.Service)
	open, silent, away, elsewhere := a.posted(), a.posted(), a.posted(), ""
	elsewhere = a.made(lena, "/v1/posts", `{"category":"job","title":"T","body":"B","audience":{"properties":["`+flat.String()+`"]}}`).Stream
	waiting, seen := a.commented(open).String(), a.commented(open).String()
	own := a.made(lena, "/v1/posts/"+open+"/comments", `{"text":"mine"}`).ID.String()
	a.do(as(lena), "POST", "/v1/channels/"+open+"/seen", `{"entries":["`+seen+`"]}`)
	a.do(as(lena), "DELETE", "/v1/posts/"+silent+"/commenting", "")
	a.commented(away)
	a.do(as(lena), "DELETE", "/v1/posts/"+away, "")

	const (
		posts   = "/v1/posts"
		comment = `{"text":"a"}`
		content = `{"category":"job","title":"T","body":"B"}`
	)
	on := func(post string, what ...string) string { return posts + "/" + post + strings.Join(what, "") }
	at := func(channel, what string) string { return "/v1/channels/" + channel + what }
	landlord, strange := "?landlord="+lena.String(), post.Stream(uuid.New())
	body := func(category, title, text, audience, more string) string {
		return `{"category":"` + category + `","title":"` + title + `","body":"` + text + `","audience":` + audience + more + `}`
	}
	const all = `{"all":true}`
	properties := func(n int) string {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = `"` + uuid.NewString() + `"`
		}
		return `{"properties":[` + strings.Join(ids, ",") + `]}`
	}
	house := `"` + theHouse.String() + `"`
	publish := func(name string, body string, status int, code, field, fault string) refusal {
		return refusal{"publish " + name, as(lena), "POST", posts, body, "", status, code, field, fault}
	}
	wrong := func(name, body, field, fault string) refusal {
		return publish(name, body, 422, "invalid_request", field, fault)
	}
	bad := func(name, body, field, code string) refusal { return publish(name, body, 422, code, field, code) }

	tests := []refusal{
		{"publish as a tenant", as(tom), "POST", posts, noticeBody, "", 403, "not_a_landlord", "", ""},
		{"publish as a service pro", as(pia), "POST", posts, noticeBody, "", 403, "not_a_landlord", "", ""},
		{"publish for nobody", host, "POST", posts, noticeBody, "", 404, "person_not_found", "landlord", "person_not_found"},
		{"publish for a stranger", host, "POST", posts + "?landlord=" + uuid.NewString(), noticeBody, "", 404, "person_not_found", "landlord", "person_not_found"},
		{"publish for a tenant", host, "POST", posts + "?landlord=" + tom.String(), noticeBody, "", 403, "not_a_landlord", "", ""},
		{"publish naming oneself", as(lena), "POST", posts + landlord, noticeBody, "", 422, "platform_only", "landlord", "platform_only"},
		{"publish naming another", as(tom), "POST", posts + landlord, noticeBody, "", 422, "platform_only", "landlord", "platform_only"},
		{"publish naming no id", host, "POST", posts + "?landlord=lena", noticeBody, "", 422, "invalid_parameter", "landlord", "wrong_format"},
		wrong("gossip", body("gossip", "T", "B", all, ""), "category", "not_allowed"),
		wrong("without a category", `{"title":"T","body":"B","audience":{"all":true}}`, "category", "required"),
		wrong("without an audience", content, "audience", "required"),
		wrong("to null", body("job", "T", "B", "null", ""), "audience", "wrong_type"),
		wrong("to one who is not named so", body("job", "T", "B", `{"everybody":true}`, ""), "audience.everybody", "unknown_field"),
		wrong("to what is no id", body("job", "T", "B", `{"properties":["house"]}`, ""), "audience.properties[0]", "too_short"),
		wrong("as somebody", body("job", "T", "B", all, `,"landlord":"`+lena.String()+`"`), "landlord", "unknown_field"),
		wrong("under an id", body("job", "T", "B", all, `,"post":"`+uuid.NewString()+`"`), "post", "unknown_field"),
		wrong("pinned", body("job", "T", "B", all, `,"pinned":true`), "pinned", "unknown_field"),
		wrong("with comments as text", body("job", "T", "B", all, `,"comments":"yes"`), "comments", "wrong_type"),
		wrong("with 11 files", body("job", "T", "B", all, `,"attachments":`+files(11)), "attachments", "too_many"),
		bad("to no property", body("job", "T", "B", `{}`, ""), "audience.properties", "no_property"),
		bad("to not all and nobody", body("job", "T", "B", `{"all":false,"properties":[]}`, ""), "audience.properties", "no_property"),
		bad("to the property zero", body("job", "T", "B", `{"properties":["`+uuid.Nil.String()+`"]}`, ""), "audience.properties", "no_property"),
		bad("to all and some", body("job", "T", "B", `{"all":true,"properties":[`+house+`]}`, ""), "audience", "ambiguous_audience"),
		bad("to 101 properties", body("job", "T", "B", properties(101), ""), "audience.properties", "too_many_properties"),
		bad("to a property twice", body("job", "T", "B", `{"properties":[`+house+`,`+house+`]}`, ""), "audience.properties", "property_twice"),
		bad("with a blank title", body("job", `\u2800`, "B", all, ""), "title", "blank"),
		bad("with a title of two lines", body("job", `a\nb`, "B", all, ""), "title", "control_character"),
		bad("with a title of 201", body("job", strings.Repeat("ß", 201), "B", all, ""), "title", "too_long"),
		bad("nothing", body("job", "T", ` \n`, all, ""), "body", "blank"),
		bad("with U+0000", body("job", "T", `a\u0000`, all, ""), "body", "control_character"),
		bad("too much", body("job", "T", strings.Repeat("ß", 20_001), all, ""), "body", "too_long"),
		bad("with a file twice", body("job", "T", "B", all, `,"attachments":["`+waiting+`","`+waiting+`"]`), "attachments", "attached_twice"),
		publish("with no file of hers", body("job", "T", "B", all, `,"attachments":["`+waiting+`"]`), 404, "attachment_not_found", "attachments", "attachment_not_found"),
		publish("above 1 MiB", body("job", "T", strings.Repeat("x", 1<<20), all, ""), 413, "body_too_large", "", ""),
		publish("no JSON", `{"category":`, 400, "malformed_json", "", ""),
		publish("no body", "", 400, "body_required", "", ""),

		{"edit into gossip", as(lena), "PUT", on(open), strings.Replace(content, "job", "gossip", 1), "", 422, "invalid_request", "category", "not_allowed"},
		{"edit without a title", as(lena), "PUT", on(open), `{"category":"job","title":"","body":"B"}`, "", 422, "blank", "title", "blank"},
		{"edit into nothing", as(lena), "PUT", on(open), `{"category":"job","title":"T","body":""}`, "", 422, "blank", "body", "blank"},
		{"edit the audience", as(lena), "PUT", on(open), body("job", "T", "B", all, ""), "", 422, "invalid_request", "audience", "unknown_field"},
		{"edit above 1 MiB", as(lena), "PUT", on(open), strings.Replace(content, "B", strings.Repeat("x", 1<<20), 1), "", 413, "body_too_large", "", ""},

		{"comment on what is closed", as(tom), "POST", on(silent, "/comments"), comment, "", 409, "comments_closed", "", ""},
		{"comment on one's own that is closed", as(lena), "POST", on(silent, "/comments"), comment, "", 409, "comments_closed", "", ""},
		{"comment with nothing", as(tom), "POST", on(open, "/comments"), `{"text":"\u200b"}`, "", 422, "blank", "text", "blank"},
		{"comment too much", as(tom), "POST", on(open, "/comments"), `{"text":"` + strings.Repeat("ß", 10_001) + `"}`, "", 422, "too_long", "text", "too_long"},
		{"comment as somebody", as(tom), "POST", on(open, "/comments"), `{"text":"a","by":"` + lena.String() + `"}`, "", 422, "invalid_request", "by", "unknown_field"},
		{"comment above 1 MiB", as(tom), "POST", on(open, "/comments"), `{"text":"` + strings.Repeat("x", 1<<20) + `"}`, "", 413, "body_too_large", "", ""},
		{"comment for a landlord", host, "POST", on(open, "/comments") + landlord, comment, "", 422, "invalid_parameter", "landlord", "unknown_parameter"},
		{"delete another's comment", as(lena), "DELETE", on(open, "/comments/", waiting), "", "", 403, "not_author", "", ""},
		{"delete the landlord's comment", as(tom), "DELETE", on(open, "/comments/", own), "", "", 403, "not_author", "", ""},
		{"delete a comment that was seen", as(tom), "DELETE", on(open, "/comments/", seen), "", "", 409, "already_seen", "", ""},
		{"delete what is no comment", as(tom), "DELETE", on(open, "/comments/", uuid.NewString()), "", "", 404, "entry_not_found", "", ""},
		{"delete a comment of another post", as(tom), "DELETE", on(silent, "/comments/", waiting), "", "", 404, "entry_not_found", "", ""},
		{"delete a comment of no id", as(tom), "DELETE", on(open, "/comments/x"), "", "", 422, "invalid_parameter", "comment", "wrong_format"},
		{"remove one's own comment", as(tom), "POST", on(open, "/comments/", waiting, "/remove"), "", "", 403, "not_the_landlord", "", ""},
		{"remove what is no comment", as(lena), "POST", on(open, "/comments/", uuid.NewString(), "/remove"), "", "", 404, "entry_not_found", "", ""},
		{"remove a comment of another post", as(lena), "POST", on(silent, "/comments/", waiting, "/remove"), "", "", 404, "entry_not_found", "", ""},
		{"see a comment as its author", as(tom), "POST", at(open, "/seen"), `{"entries":["` + waiting + `"]}`, "", 422, "not_the_post", "entries", "not_the_post"},
		{"see nothing", as(lena), "POST", at(open, "/seen"), `{"entries":[]}`, "", 422, "invalid_request", "entries", "too_few"},

		{"write into a post", as(tom), "POST", at(open, "/messages"), comment, "", 404, "channel_not_found", "", ""},
		{"delete as a message", as(tom), "DELETE", at(open, "/messages/"+waiting), "", "", 404, "channel_not_found", "", ""},
		{"mark a post", as(lena), "PUT", at(open, "/unread"), `{"unread":true}`, "", 404, "channel_not_found", "", ""},
		{"mute a post", as(tom), "PUT", at(open, "/mute"), `{"muted":true}`, "", 404, "channel_not_found", "", ""},
		{"mute a board without a lease", as(tia), "PUT", at("board-"+lena.String(), "/mute"), `{"muted":true}`, "", 404, "channel_not_found", "", ""},
		{"mute a stranger's board", as(otto), "PUT", at("board-"+lena.String(), "/mute"), `{"muted":true}`, "", 404, "channel_not_found", "", ""},
		{"mark a board that one does not have", as(tom), "PUT", at("board-"+tom.String(), "/unread"), `{"unread":true}`, "", 404, "channel_not_found", "", ""},
		{"mark nobody's board", as(tom), "PUT", at("board-"+scenario.ID("nobody").String(), "/unread"), `{"unread":true}`, "", 404, "channel_not_found", "", ""},
		{"write onto a board", as(lena), "POST", at("board-"+lena.String(), "/messages"), comment, "", 404, "channel_not_found", "", ""},
		{"see a board", as(tom), "POST", at("board-"+lena.String(), "/seen"), `{"entries":["` + waiting + `"]}`, "", 404, "channel_not_found", "", ""},
	}
	for _, route := range postRoutes(waiting) {
		refused := func(name string, caller, where, query string, status int, code, field string) {
			who := people[caller]
			tests = append(tests, refusal{caller + " " + name, who, route.method, on(where, route.path) + query, route.body, "", status, code, field, code})
		}
		refused("where nothing is", "Lena", strange, "", 404, "post_not_found", "")
		refused("on a request", "Lena", maintenance.Stream(uuid.New()), "", 404, "post_not_found", "")
		refused("on a connection", "Tom", channel, "", 404, "post_not_found", "")
		refused("on what is no id", "Lena", "water", "", 422, "not_an_id", "post")
		refused("on another spelling", "Lena", strings.ToUpper(open), "", 422, "not_an_id", "post")
		refused("on a bare id", "Lena", strings.TrimPrefix(open, "post-"), "", 422, "not_an_id", "post")
		refused("for nobody", "platform", open, "", 404, "post_not_found", "")
		for _, caller := range []string{"Tia", "Pia", "Otto"} { // connected without a lease, of another role, a stranger
			refused("on another's post", caller, open, "", 404, "post_not_found", "")
		}
		refused("on a post for another property", "Tom", elsewhere, "", 404, "post_not_found", "")
		refused("on what was removed", "Tom", away, "", 404, "post_not_found", "")
		if route.path != "" || route.method != "DELETE" { // removing it again does nothing
			refused("on what she removed", "Lena", away, "", 409, "post_removed", "")
		}
		if !route.landlord {
			continue
		}
		refused("on the landlord's post", "Tom", open, "", 403, "not_the_landlord", "")
		refused("naming a landlord", "Lena", open, landlord, 422, "platform_only", "landlord")
		refused("naming another", "Tom", open, landlord, 422, "platform_only", "landlord")
		refused("for another landlord", "platform", open, "?landlord="+tom.String(), 404, "post_not_found", "")
	}
	tests = append(tests,
		refusal{"see what was removed", as(tom), "POST", at(away, "/seen"), `{"entries":["` + strings.TrimPrefix(away, "post-") + `"]}`, "", 404, "post_not_found", "", ""},
		refusal{"see what is for others", as(tia), "POST", at(open, "/seen"), `{"entries":["` + strings.TrimPrefix(open, "post-") + `"]}`, "", 404, "post_not_found", "", ""},
		refusal{"see comments on what was removed", as(lena), "POST", at(away, "/seen"), `{"entries":["` + waiting + `"]}`, "", 409, "post_removed", "", ""},
		refusal{"see where nothing is", as(tom), "POST", at(strange, "/seen"), `{"entries":["` + waiting + `"]}`, "", 404, "post_not_found", "", ""})
	a.refuse(t, tests)

	// The words are those of the issue.
	if got := a.do(as(tom), "POST", on(silent, "/comments"), comment); got.Detail != "Commenting this post is not available" {
		t.Errorf("closed comments are answered %q", got.Detail)
	}
}

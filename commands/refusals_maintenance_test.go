package commands

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/person"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
)

// TestRefusalsOnRequests sends what must be refused to every route of maintenance
// requests, and to the channels' routes for their messages.
func TestRefusalsOnRequests(t *testing.T) {
	h := newHouse(t)
	leased := h.lease(tom)
	for _, other := range []uuid.UUID{pia, tia} {
		h.connect(lena, other)
	}
	h.connect(tom, pia) // service pro, connected with a tenant
	olga, gone := scenario.ID("Olga"), scenario.ID("gone")
	for id, role := range map[uuid.UUID]person.Role{olga: person.Landlord, gone: person.ServicePro} {
		h.must(h.people.Execute(t.Context(), person.Register{Person: id, Role: role, Profile: person.Profile{Name: "N"}}, h.request(platform)))
		h.must(h.connections.Execute(t.Context(), connection.Invite{From: connection.Party{Person: lena, Role: "landlord"}, To: connection.Party{Person: id, Role: string(role)}}, h.request(lena)))
		h.must(h.connections.Execute(t.Context(), connection.AcceptInvitation{Connection: connection.Between(lena, id), By: id}, h.request(id)))
	}
	h.must(h.people.Execute(t.Context(), person.Deactivate{Person: gone}, h.request(platform)))

	a := newAPI(h, h.Service)
	const (
		requests = "/v1/maintenance-requests"
		message  = `{"text":"a"}`
		all      = `{"history":"all"}`
	)
	on := func(request, what string) string { return requests + "/" + request + what }
	at := func(channel, what string) string { return "/v1/channels/" + channel + what }
	with := func(who uuid.UUID) string { return "/shares/" + who.String() }
	set := func(request string, status maintenance.Status) {
		t.Helper()
		if got := a.do(as(lena), "PUT", on(request, "/status"), `{"status":"`+string(status)+`"}`); got.status != 200 {
			t.Fatal(got.text)
		}
	}
	open, canceled, archived, left := a.submitted(), a.submitted(), a.submitted(), a.submitted()
	// Pia shares all of them; she is disconnected from Lena at the end.
	for _, request := range []string{open, canceled, archived, left} {
		a.do(as(lena), "PUT", on(request, with(pia)), all)
	}
	waiting, seen := a.made(tom, at(open, "/messages"), message).ID.String(), a.made(tom, at(open, "/messages"), message).ID.String()
	a.do(as(pia), "POST", at(open, "/seen"), `{"entries":["`+seen+`"]}`)
	a.do(as(lena), "DELETE", on(left, with(pia)), "")
	set(canceled, maintenance.Canceled)
	set(archived, maintenance.Resolved)
	set(archived, maintenance.Archived)

	landlord, strange := "?landlord="+lena.String(), maintenance.Stream(uuid.New())
	submit := func(connection, property, title, text, more string) string {
		return `{"connection":"` + connection + `","property":"` + property + `","title":"` + title + `","text":"` + text + `"` + more + `}`
	}
	house := theHouse.String()
	own := func(name, title, text, more string) string {
		return `{"property":"` + house + `","property_name":"` + name + `","title":"` + title + `","text":"` + text + `"` + more + `}`
	}
	bySubmit := func(name, body string, status int, code, field, fault string) refusal {
		return refusal{"submit " + name, as(tom), "POST", requests, body, "", status, code, field, fault}
	}
	byOpen := func(name, body string, status int, code, field, fault string) refusal {
		return refusal{"open " + name, as(lena), "POST", requests + "/open", body, "", status, code, field, fault}
	}
	tests := []refusal{
		bySubmit("of a property that he does not lease", submit(channel, flat.String(), "T", "a", ""), 403, "no_active_lease", "", ""),
		bySubmit("to a connection with no landlord", submit(connection.Stream(connection.Between(tom, pia)), house, "T", "a", ""), 403, "no_active_lease", "", ""),
		bySubmit("to others", submit(connection.Stream(connection.Between(lena, tia)), house, "T", "a", ""), 404, "channel_not_found", "", ""),
		bySubmit("to nobody", submit(connection.Stream(uuid.New()), house, "T", "a", ""), 404, "channel_not_found", "", ""),
		bySubmit("to a post", submit(post.Stream(uuid.New()), house, "T", "a", ""), 404, "channel_not_found", "", ""),
		bySubmit("to what is no id", submit("lena", house, "T", "a", ""), 422, "not_an_id", "connection", "not_an_id"),
		bySubmit("to another spelling", submit(strings.ToUpper(channel), house, "T", "a", ""), 422, "not_an_id", "connection", "not_an_id"),
		bySubmit("to a long name", submit(strings.Repeat("x", 101), house, "T", "a", ""), 422, "invalid_request", "connection", "too_long"),
		bySubmit("of no property", `{"connection":"`+channel+`","title":"T","text":"a"}`, 422, "invalid_request", "property", "required"),
		bySubmit("of what is no id", submit(channel, "house", "T", "a", ""), 422, "invalid_request", "property", "too_short"),
		bySubmit("without a title", submit(channel, house, "", "a", ""), 422, "blank", "title", "blank"),
		bySubmit("with a long title", submit(channel, house, strings.Repeat("ß", 201), "a", ""), 422, "too_long", "title", "too_long"),
		bySubmit("nothing", submit(channel, house, "T", `\u200b`, ""), 422, "blank", "text", "blank"),
		bySubmit("too much", submit(channel, house, "T", strings.Repeat("ß", 10_001), ""), 422, "too_long", "text", "too_long"),
		bySubmit("U+0000", submit(channel, house, "T", `a\u0000`, ""), 422, "control_character", "text", "control_character"),
		bySubmit("with a status", submit(channel, house, "T", "a", `,"status":"resolved"`), 422, "invalid_request", "status", "unknown_field"),
		bySubmit("with a name for the property", submit(channel, house, "T", "a", `,"property_name":"Mine"`), 422, "invalid_request", "property_name", "unknown_field"),
		bySubmit("with 11 files", submit(channel, house, "T", "a", `,"attachments":`+files(11)), 422, "invalid_request", "attachments", "too_many"),
		bySubmit("with no file of his", submit(channel, house, "T", "a", `,"attachments":`+files(1)), 404, "attachment_not_found", "attachments", "attachment_not_found"),
		bySubmit("above 1 MiB", submit(channel, house, "T", strings.Repeat("x", 1<<20), ""), 413, "body_too_large", "", ""),
		bySubmit("no body", "", 400, "body_required", "", ""),
		{"submit to oneself", as(lena), "POST", requests, leakBody, "", 403, "no_active_lease", "", ""},
		{"submit without a lease", as(tia), "POST", requests, submit(connection.Stream(connection.Between(lena, tia)), house, "T", "a", ""), "", 403, "no_active_lease", "", ""},
		{"submit as the platform", host, "POST", requests, leakBody, "", 404, "channel_not_found", "", ""},
		{"submit naming a landlord", as(tom), "POST", requests + landlord, leakBody, "", 422, "invalid_parameter", "landlord", "unknown_parameter"},

		byOpen("without a name of the property", own(" ", "T", "a", ""), 422, "blank", "property_name", "blank"),
		byOpen("without a title", own("House", "", "a", ""), 422, "blank", "title", "blank"),
		byOpen("nothing", own("House", "T", " ", ""), 422, "blank", "text", "blank"),
		byOpen("with an unknown field", own("House", "T", "a", `,"connection":"`+channel+`"`), 422, "invalid_request", "connection", "unknown_field"),
		byOpen("above 1 MiB", own("House", "T", strings.Repeat("x", 1<<20), ""), 413, "body_too_large", "", ""),
		{"open as a tenant", as(tom), "POST", requests + "/open", ownLeakBody, "", 403, "not_a_landlord", "", ""},
		{"open as a service pro", as(pia), "POST", requests + "/open", ownLeakBody, "", 403, "not_a_landlord", "", ""},
		{"open for nobody", host, "POST", requests + "/open", ownLeakBody, "", 404, "person_not_found", "landlord", "person_not_found"},
		{"open for a tenant", host, "POST", requests + "/open?landlord=" + tom.String(), ownLeakBody, "", 403, "not_a_landlord", "", ""},
		{"open naming oneself", as(lena), "POST", requests + "/open" + landlord, ownLeakBody, "", 422, "platform_only", "landlord", "platform_only"},
		{"open naming no id", host, "POST", requests + "/open?landlord=lena", ownLeakBody, "", 422, "invalid_parameter", "landlord", "wrong_format"},

		{"share with a stranger", as(lena), "PUT", on(open, with(otto)), all, "", 403, "not_connected", "", ""},
		{"share with nobody", as(lena), "PUT", on(open, with(uuid.New())), all, "", 404, "person_not_found", "person", "person_not_found"},
		{"share with one who is gone", as(lena), "PUT", on(open, with(gone)), all, "", 404, "person_not_found", "person", "person_not_found"},
		{"share with a landlord", as(lena), "PUT", on(open, with(olga)), all, "", 403, "not_shareable", "", ""},
		{"share with oneself", as(lena), "PUT", on(open, with(lena)), all, "", 422, "self_share", "person", "self_share"},
		{"share what was canceled", as(lena), "PUT", on(canceled, with(tia)), all, "", 409, "request_closed", "", ""},
		{"share what was archived", as(lena), "PUT", on(archived, with(tia)), all, "", 409, "request_closed", "", ""},
		{"share a part", as(lena), "PUT", on(open, with(tia)), `{"history":"some"}`, "", 422, "invalid_request", "history", "not_allowed"},
		{"share as somebody", as(lena), "PUT", on(open, with(tia)), `{"role":"tenant"}`, "", 422, "invalid_request", "role", "unknown_field"},
		{"share with no id", as(lena), "PUT", on(open, "/shares/tia"), all, "", 422, "invalid_parameter", "person", "wrong_format"},
		{"share as the submitter", as(tom), "PUT", on(open, with(pia)), all, "", 403, "not_the_landlord", "", ""},
		{"unshare as the submitter", as(tom), "DELETE", on(open, with(pia)), "", "", 403, "not_the_landlord", "", ""},
		{"unshare oneself", as(pia), "DELETE", on(open, with(pia)), "", "", 403, "not_the_landlord", "", ""},

		{"set an unknown status", as(lena), "PUT", on(open, "/status"), `{"status":"done"}`, "", 422, "invalid_request", "status", "not_allowed"},
		{"set no status", as(lena), "PUT", on(open, "/status"), `{"status":""}`, "", 422, "invalid_request", "status", "not_allowed"},
		{"set nothing", as(lena), "PUT", on(open, "/status"), `{}`, "", 422, "invalid_request", "status", "required"},
		{"archive what is new", as(lena), "PUT", on(open, "/status"), `{"status":"archived"}`, "", 409, "status_change", "", ""},
		{"take up what was canceled", as(lena), "PUT", on(canceled, "/status"), `{"status":"in_progress"}`, "", 409, "status_change", "", ""},
		{"cancel what was archived", as(tom), "PUT", on(archived, "/status"), `{"status":"canceled"}`, "", 409, "status_change", "", ""},
		{"resolve as the submitter", as(tom), "PUT", on(open, "/status"), `{"status":"resolved"}`, "", 403, "not_the_landlord", "", ""},
		{"cancel another's", as(pia), "PUT", on(open, "/status"), `{"status":"canceled"}`, "", 403, "not_the_landlord", "", ""},

		{"write to what was canceled", as(tom), "POST", at(canceled, "/messages"), message, "", 409, "request_closed", "", ""},
		{"write to what was archived", as(lena), "POST", at(archived, "/messages"), message, "", 409, "request_closed", "", ""},
		{"write nothing", as(tom), "POST", at(open, "/messages"), `{"text":"\u200b \n"}`, "", 422, "blank", "text", "blank"},
		{"write too much", as(tom), "POST", at(open, "/messages"), `{"text":"` + strings.Repeat("ß", 10_001) + `"}`, "", 422, "too_long", "text", "too_long"},
		{"delete another's", as(lena), "DELETE", at(open, "/messages/"+waiting), "", "", 403, "not_author", "", ""},
		{"delete what was seen", as(tom), "DELETE", at(open, "/messages/"+seen), "", "", 409, "already_seen", "", ""},
		{"delete what never was", as(tom), "DELETE", at(open, "/messages/"+uuid.NewString()), "", "", 404, "entry_not_found", "", ""},
		{"see nothing", as(lena), "POST", at(open, "/seen"), `{"entries":[]}`, "", 422, "invalid_request", "entries", "too_few"},
	}
	absent := func(name, caller, request string) {
		for _, route := range requestRoutes() {
			tests = append(tests, refusal{caller + " " + name, people[caller], route.method, on(request, route.path), route.body, "", 404, "channel_not_found", "", ""})
		}
		for _, route := range channelRoutes(waiting) {
			tests = append(tests, refusal{caller + " " + name, people[caller], route.method, at(request, route.path), route.body, "", 404, "channel_not_found", "", ""})
		}
	}
	absent("where nothing is", "Lena", strange)
	absent("for nobody", "platform", open)
	absent("who was unshared", "Pia", left)
	for _, caller := range []string{"Tia", "Otto"} { // connected, but not shared with; a stranger
		absent("elsewhere", caller, open)
	}
	for _, route := range requestRoutes() {
		refused := func(name, caller, request, query string, status int, code, field string) {
			tests = append(tests, refusal{caller + " " + name, people[caller], route.method, on(request, route.path) + query, route.body, "", status, code, field, code})
		}
		refused("on a post", "Lena", post.Stream(uuid.New()), "", 404, "channel_not_found", "")
		refused("on a connection", "Lena", channel, "", 404, "channel_not_found", "")
		refused("on what is no id", "Lena", "leak", "", 422, "not_an_id", "request")
		refused("on another spelling", "Lena", strings.ToUpper(open), "", 422, "not_an_id", "request")
		refused("naming a landlord", "Lena", open, landlord, 422, "platform_only", "landlord")
		refused("naming another", "Tom", open, landlord, 422, "platform_only", "landlord")
		refused("for another landlord", "platform", open, "?landlord="+olga.String(), 404, "channel_not_found", "")
	}
	a.refuse(t, tests)

	tests = tests[:0]
	h.endTheLease(tom, leased)
	tests = append(tests, bySubmit("after the lease", leakBody, 403, "no_active_lease", "", ""))
	for _, other := range []uuid.UUID{pia, tom} { // what the request is shared with them for is not theirs to read
		h.must(h.connections.Execute(t.Context(), connection.Disconnect{Connection: connection.Between(lena, other), By: lena}, h.request(lena)))
	}
	tests = append(tests, bySubmit("when disconnected", leakBody, 403, "no_active_lease", "", ""))
	absent("when disconnected", "Pia", open)
	absent("when disconnected", "Tom", open)
	absent("when disconnected", "Pia", canceled)
	a.refuse(t, tests)
}

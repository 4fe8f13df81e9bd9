package commands

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/person"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
)

// TestRefusals sends what must be refused to every route, and looks that nothing
// was written.
func TestRefusals(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.Service)
	professional := connection.Stream(h.connect(lena, pia))
	former := connection.Stream(h.connect(lena, tia))
	h.must(h.connections.Execute(t.Context(), connection.Disconnect{Connection: connection.Between(lena, tia), By: lena}, h.request(lena)))
	invited := connection.Stream(connection.Between(tom, tia))
	a.do(as(tom), "POST", "/v1/connections", `{"person":"`+tia.String()+`"}`)
	gone, nobody := scenario.ID("gone"), scenario.ID("nobody")
	h.must(h.people.Execute(t.Context(), person.Register{Person: gone, Role: person.Tenant, Profile: person.Profile{Name: "G"}}, h.request(platform)))
	h.must(h.people.Execute(t.Context(), person.Deactivate{Person: gone}, h.request(platform)))
	unseen, seen := a.sent(tom), a.sent(tom)
	a.do(as(lena), "POST", "/v1/channels/"+channel+"/seen", `{"entries":["`+seen.String()+`"]}`)

	today := time.Now().UTC()
	date := func(days int) string { return string(domain.DateOf(today.AddDate(0, 0, days))) }
	lease := func(from, to, name, more string) string {
		return `{"property":"` + scenario.ID("house").String() + `","property_name":"` + name + `","start":"` + from + `","end":"` + to + `"` + more + `}`
	}
	good := lease(date(0), date(30), "House", "")
	if got := a.do(as(lena), "POST", "/v1/connections/"+channel+"/leases", good); got.status != http.StatusCreated {
		t.Fatal(got.text)
	}
	const (
		persons, connections = "/v1/persons", "/v1/connections"
		message              = `{"text":"a"}`
		profile              = `{"name":"N"}`
		flags                = `{"email_copies":true,"desktop_notifications":true}`
	)
	nora := `{"person":"` + scenario.ID("Nora").String() + `","role":"tenant","name":"Nora"}`
	of := func(id uuid.UUID) string { return persons + "/" + id.String() }
	at := func(channel, what string) string { return "/v1/channels/" + channel + what }
	on := func(channel, what string) string { return connections + "/" + channel + what }
	strange := connection.Stream(uuid.New())
	entries := func(n int) string {
		return `{"entries":[` + strings.TrimSuffix(strings.Repeat(`"`+unseen.String()+`",`, n), ",") + `]}`
	}

	tests := []refusal{
		{"register by a person", as(lena), "POST", persons, nora, "", 403, "platform_only", "", ""},
		{"register twice otherwise", host, "POST", persons, strings.Replace(nora, scenario.ID("Nora").String(), tom.String(), 1), "", 409, "already_registered", "", ""},
		{"register in no role", host, "POST", persons, `{"role":"king","name":"N"}`, "", 422, "invalid_request", "role", "not_allowed"},
		{"register without a name", host, "POST", persons, `{"role":"tenant","name":""}`, "", 422, "invalid_request", "name", "too_short"},
		{"register with a blank name", host, "POST", persons, `{"role":"tenant","name":" \u200b"}`, "", 422, "blank", "name", "blank"},
		{"register nobody", host, "POST", persons, `{"person":"00000000-0000-0000-0000-000000000000","role":"tenant","name":"N"}`, "", 422, "not_an_id", "person", "not_an_id"},
		{"register with another spelling of an id", host, "POST", persons, `{"person":"{` + tom.String() + `}","role":"tenant","name":"N"}`, "", 422, "invalid_request", "person", "too_long"},
		{"register with no address", host, "POST", persons, `{"role":"tenant","name":"N","email":"Nora <n@example.org>"}`, "", 422, "not_an_email_address", "email", "not_an_email_address"},
		{"update another's profile", as(lena), "PUT", of(tom) + "/profile", profile, "", 404, "person_not_found", "", ""},
		{"update nobody's profile", host, "PUT", of(nobody) + "/profile", profile, "", 404, "person_not_found", "", ""},
		{"update the profile of one who is gone", host, "PUT", of(gone) + "/profile", profile, "", 409, "person_deactivated", "", ""},
		{"a name with U+0000", as(tom), "PUT", of(tom) + "/profile", `{"name":"a\u0000"}`, "", 422, "control_character", "name", "control_character"},
		{"a name of 201", as(tom), "PUT", of(tom) + "/profile", `{"name":"` + strings.Repeat("ß", 201) + `"}`, "", 422, "too_long", "name", "too_long"},
		{"set another's preferences", as(lena), "PUT", of(tom) + "/preferences", flags, "", 404, "person_not_found", "", ""},
		{"set half the preferences", as(tom), "PUT", of(tom) + "/preferences", `{"email_copies":true}`, "", 422, "invalid_request", "desktop_notifications", "required"},
		{"deactivate another", as(lena), "DELETE", of(tom), "", "", 404, "person_not_found", "", ""},
		{"deactivate nobody", host, "DELETE", of(nobody), "", "", 404, "person_not_found", "", ""},
		{"deactivate what is no id", host, "DELETE", persons + "/tom", "", "", 422, "invalid_parameter", "person", "wrong_format"},

		{"invite oneself", as(lena), "POST", connections, `{"person":"` + lena.String() + `"}`, "", 422, "self_connection", "person", "self_connection"},
		{"invite nobody", as(lena), "POST", connections, `{"person":"` + nobody.String() + `"}`, "", 404, "person_not_found", "person", "person_not_found"},
		{"invite one who is gone", as(lena), "POST", connections, `{"person":"` + gone.String() + `"}`, "", 404, "person_not_found", "person", "person_not_found"},
		{"invite as the platform", host, "POST", connections, `{"person":"` + tom.String() + `"}`, "", 404, "person_not_found", "", ""},
		{"accept one's own invitation", as(tom), "POST", on(invited, "/accept"), "", "", 403, "own_invitation", "", ""},
		{"accept another's invitation", as(lena), "POST", on(invited, "/accept"), "", "", 404, "channel_not_found", "", ""},
		{"accept what was ended", as(tia), "POST", on(former, "/accept"), "", "", 409, "no_invitation", "", ""},
		{"accept for somebody as the platform", host, "POST", on(invited, "/accept"), "", "", 404, "channel_not_found", "", ""},
		{"decline one's own invitation", as(tom), "POST", on(invited, "/decline"), "", "", 403, "own_invitation", "", ""},
		{"decline when connected", as(tom), "POST", on(channel, "/decline"), "", "", 409, "no_invitation", "", ""},
		{"decline what is not there", as(tom), "POST", on(strange, "/decline"), "", "", 404, "channel_not_found", "", ""},
		{"disconnect others", as(otto), "DELETE", on(channel, ""), "", "", 404, "channel_not_found", "", ""},

		{"share by the tenant", as(tom), "POST", on(channel, "/leases"), good, "", 403, "not_the_landlord", "", ""},
		{"share by a stranger", as(otto), "POST", on(channel, "/leases"), good, "", 404, "channel_not_found", "", ""},
		{"share with no tenant", as(lena), "POST", on(professional, "/leases"), good, "", 403, "not_a_tenant", "", ""},
		{"share when disconnected", as(lena), "POST", on(former, "/leases"), good, "", 403, "not_connected", "", ""},
		{"share what overlaps", as(lena), "POST", on(channel, "/leases"), lease(date(30), date(60), "House", ""), "", 409, "lease_overlaps", "", ""},
		{"share what is over", as(lena), "POST", on(channel, "/leases"), lease(date(-9), date(-1), "House", ""), "", 422, "lease_over", "end", "lease_over"},
		{"share backwards", as(lena), "POST", on(channel, "/leases"), lease(date(2), date(1), "House", ""), "", 422, "ends_before_start", "end", "ends_before_start"},
		{"share from no day", as(lena), "POST", on(channel, "/leases"), lease("2026-02-30", date(1), "House", ""), "", 422, "not_a_date", "start", "not_a_date"},
		{"share to no day", as(lena), "POST", on(channel, "/leases"), lease(date(1), "soon", "House", ""), "", 422, "not_a_date", "end", "not_a_date"},
		{"share without a name", as(lena), "POST", on(channel, "/leases"), lease(date(40), date(50), " ", ""), "", 422, "blank", "property_name", "blank"},
		{"name a landlord without being the platform", as(tom), "POST", on(channel, "/leases"), lease(date(40), date(50), "House", `,"landlord":"`+lena.String()+`"`), "", 422, "platform_only", "landlord", "platform_only"},
		{"act for one who is no landlord", host, "POST", on(channel, "/leases"), lease(date(40), date(50), "House", `,"landlord":"`+tom.String()+`"`), "", 403, "not_the_landlord", "", ""},
		{"act for a landlord elsewhere", host, "POST", on(channel, "/leases"), lease(date(40), date(50), "House", `,"landlord":"`+nobody.String()+`"`), "", 404, "channel_not_found", "", ""},
		{"act for no landlord", host, "POST", on(channel, "/leases"), lease(date(40), date(50), "House", ""), "", 404, "channel_not_found", "", ""},
		{"end a lease by the tenant", as(tom), "DELETE", on(channel, "/leases/"+unseen.String()), "", "", 403, "not_the_landlord", "", ""},
		{"end what is no lease", as(lena), "DELETE", on(channel, "/leases/"+unseen.String()), "", "", 404, "lease_not_found", "", ""},
		{"end naming a landlord", as(lena), "DELETE", on(channel, "/leases/"+unseen.String()) + "?landlord=" + lena.String(), "", "", 422, "platform_only", "landlord", "platform_only"},
		{"end for nobody", host, "DELETE", on(channel, "/leases/"+unseen.String()) + "?landlord=lena", "", "", 422, "invalid_parameter", "landlord", "wrong_format"},
		{"end with an unknown parameter", as(lena), "DELETE", on(channel, "/leases/"+unseen.String()) + "?force=true", "", "", 422, "invalid_parameter", "force", "unknown_parameter"},

		{"write to others", as(otto), "POST", at(channel, "/messages"), message, "", 404, "channel_not_found", "", ""},
		{"write as the platform", host, "POST", at(channel, "/messages"), message, "", 404, "channel_not_found", "", ""},
		{"write where nothing is", as(tom), "POST", at(strange, "/messages"), message, "", 404, "channel_not_found", "", ""},
		{"write to the former", as(tia), "POST", at(former, "/messages"), message, "", 403, "not_connected", "", ""},
		{"write before the invitation is accepted", as(tom), "POST", at(invited, "/messages"), message, "", 403, "not_connected", "", ""},
		{"write to a person", as(tom), "POST", at(person.Stream(tom), "/messages"), message, "", 404, "channel_not_found", "", ""},
		{"write to what is no id", as(tom), "POST", at("lena", "/messages"), message, "", 422, "not_an_id", "channel", "not_an_id"},
		{"write to another spelling", as(tom), "POST", at(strings.ToUpper(channel), "/messages"), message, "", 422, "not_an_id", "channel", "not_an_id"},
		{"write to a long name", as(tom), "POST", at(strings.Repeat("x", 101), "/messages"), message, "", 422, "invalid_parameter", "channel", "too_long"},
		{"write nothing", as(tom), "POST", at(channel, "/messages"), `{"text":"\u200b \n"}`, "", 422, "blank", "text", "blank"},
		{"write too much", as(tom), "POST", at(channel, "/messages"), `{"text":"` + strings.Repeat("ß", 10_001) + `"}`, "", 422, "too_long", "text", "too_long"},
		{"write U+0000", as(tom), "POST", at(channel, "/messages"), `{"text":"a\u0000"}`, "", 422, "control_character", "text", "control_character"},
		{"write an unknown field", as(tom), "POST", at(channel, "/messages"), `{"text":"a","from":"` + lena.String() + `"}`, "", 422, "invalid_request", "from", "unknown_field"},
		{"write a number", as(tom), "POST", at(channel, "/messages"), `{"text":1}`, "", 422, "invalid_request", "text", "wrong_type"},
		{"write no JSON", as(tom), "POST", at(channel, "/messages"), `{"text":`, "", 400, "malformed_json", "", ""},
		{"write no body", as(tom), "POST", at(channel, "/messages"), "", "", 400, "body_required", "", ""},
		{"write above 1 MiB", as(tom), "POST", at(channel, "/messages"), `{"text":"` + strings.Repeat("x", 1<<20) + `"}`, "", 413, "body_too_large", "", ""},
		{"write with a long key", as(tom), "POST", at(channel, "/messages"), message, "Idempotency-Key: " + strings.Repeat("k", 256), 422, "invalid_parameter", "Idempotency-Key", "too_long"},
		{"write with a strange key", as(tom), "POST", at(channel, "/messages"), message, "Idempotency-Key: ä", 422, "invalid_parameter", "Idempotency-Key", "wrong_format"},
		{"delete another's", as(lena), "DELETE", at(channel, "/messages/"+unseen.String()), "", "", 403, "not_author", "", ""},
		{"delete in another's channel", as(otto), "DELETE", at(channel, "/messages/"+unseen.String()), "", "", 404, "channel_not_found", "", ""},
		{"delete what was seen", as(tom), "DELETE", at(channel, "/messages/"+seen.String()), "", "", 409, "already_seen", "", ""},
		{"delete what never was", as(tom), "DELETE", at(channel, "/messages/"+uuid.NewString()), "", "", 404, "entry_not_found", "", ""},
		{"delete what is no id", as(tom), "DELETE", at(channel, "/messages/x"), "", "", 422, "invalid_parameter", "message", "wrong_format"},
		{"see in another's channel", as(otto), "POST", at(channel, "/seen"), entries(1), "", 404, "channel_not_found", "", ""},
		{"see nothing", as(lena), "POST", at(channel, "/seen"), entries(0), "", 422, "invalid_request", "entries", "too_few"},
		{"see 501", as(lena), "POST", at(channel, "/seen"), entries(501), "", 422, "invalid_request", "entries", "too_many"},
		{"see null", as(lena), "POST", at(channel, "/seen"), `{"entries":null}`, "", 422, "invalid_request", "entries", "wrong_type"},
		{"see what is no id", as(lena), "POST", at(channel, "/seen"), `{"entries":["x"]}`, "", 422, "invalid_request", "entries[0]", "too_short"},
		{"mark another's channel", as(otto), "PUT", at(channel, "/unread"), `{"unread":true}`, "", 404, "channel_not_found", "", ""},
		{"mark what is not there", as(otto), "PUT", at(strange, "/unread"), `{"unread":true}`, "", 404, "channel_not_found", "", ""},
		{"mute another's channel", as(otto), "PUT", at(channel, "/mute"), `{"muted":true}`, "", 404, "channel_not_found", "", ""},
		{"mute what is no id", as(otto), "PUT", at("x-y", "/mute"), `{"muted":true}`, "", 422, "not_an_id", "channel", "not_an_id"},
		{"mute as text", as(tom), "PUT", at(channel, "/mute"), `{"muted":"true"}`, "", 422, "invalid_request", "muted", "wrong_type"},
	}
	// Unknown and deactivated callers, and no token at all, on every route.
	for _, route := range commandRoutes(targets{unseen, post.Stream(unseen), maintenance.Stream(unseen)}) {
		for _, caller := range []uuid.UUID{nobody, gone} {
			tests = append(tests, refusal{"by nobody", as(caller), route.method, route.path, route.body, "", 401, "unknown_caller", "", ""})
		}
		tests = append(tests,
			refusal{"without a token", as(tom), route.method, route.path, route.body, "Authorization: ", 401, "unauthorized", "", ""},
			refusal{"with a forged token", as(tom), route.method, route.path, route.body, "Authorization: Bearer " + a.token(as(tom)) + "x", 401, "invalid_token", "", ""})
	}
	a.refuse(t, tests)
}

package commands

import (
	"strings"

	"github.com/google/uuid"

	"lobby.example/domain/scenario"
	"lobby.example/httpapi"
)

// targets are what the requests of commandRoutes name.
type targets struct {
	entry         uuid.UUID // a message, a comment and the rest
	post, request string
}

type commandRoute struct{ method, path, body string }

// commandRoutes is one request for every route, which Lena or Tom may send.
func commandRoutes(of targets) []commandRoute {
	entry, on, request := of.entry, "/v1/posts/"+of.post, "/v1/maintenance-requests/"+of.request
	landlord := "?landlord=" + lena.String()
	return []commandRoute{
		{"POST", "/v1/persons", `{"role":"tenant","name":"Nora","email":"nora@example.org","person":"` + scenario.ID("Nora").String() + `"}`},
		{"PUT", "/v1/persons/" + lena.String() + "/profile", `{"name":"Lena","email":"lena@example.org"}`},
		{"PUT", "/v1/persons/" + lena.String() + "/preferences", `{"email_copies":false,"desktop_notifications":false}`},
		{"DELETE", "/v1/persons/" + otto.String(), ""},
		{"POST", "/v1/connections", `{"person":"` + otto.String() + `"}`},
		{"POST", "/v1/connections/" + channel + "/accept", ""},
		{"POST", "/v1/connections/" + channel + "/decline", ""},
		{"POST", "/v1/connections/" + channel + "/leases", `{"landlord":"` + lena.String() + `","property":"` + scenario.ID("house").String() + `","property_name":"House","start":"2026-01-01","end":"2999-12-31"}`},
		{"DELETE", "/v1/connections/" + channel + "/leases/" + entry.String() + "?landlord=" + lena.String(), ""},
		{"POST", "/v1/channels/" + channel + "/messages", `{"text":"hello","email_copy":true}`},
		{"DELETE", "/v1/channels/" + channel + "/messages/" + entry.String(), ""},
		{"POST", "/v1/channels/" + channel + "/seen", `{"entries":["` + entry.String() + `"]}`},
		{"PUT", "/v1/channels/" + channel + "/unread", `{"unread":true}`},
		{"PUT", "/v1/channels/" + channel + "/mute", `{"muted":true}`},
		{"POST", "/v1/posts" + landlord, noticeBody},
		{"PUT", on, `{"category":"job","title":"Help","body":"wanted"}`},
		{"PUT", on + "/pin", ""},
		{"DELETE", on + "/pin", ""},
		{"DELETE", on + "/commenting", ""},
		{"PUT", on + "/commenting", ""},
		{"POST", on + "/comments", `{"text":"hello","attachments":[]}`},
		{"DELETE", on + "/comments/" + entry.String(), ""},
		{"POST", on + "/comments/" + entry.String() + "/remove", ""},
		{"POST", "/v1/channels/" + of.post + "/seen", `{"entries":["` + entry.String() + `"]}`},
		{"POST", "/v1/maintenance-requests", leakBody},
		{"POST", "/v1/maintenance-requests/open" + landlord, ownLeakBody},
		{"PUT", request + "/shares/" + pia.String(), `{"history":"from_now"}`},
		{"POST", "/v1/channels/" + of.request + "/messages", `{"text":"hello","attachments":["` + entry.String() + `"]}`},
		{"DELETE", "/v1/channels/" + of.request + "/messages/" + entry.String(), ""},
		{"POST", "/v1/channels/" + of.request + "/seen", `{"entries":["` + entry.String() + `"]}`},
		{"PUT", "/v1/channels/" + of.request + "/unread", `{"unread":true}`},
		{"PUT", "/v1/channels/board-" + lena.String() + "/mute", `{"muted":true}`},
		{"DELETE", request + "/shares/" + pia.String(), ""},
		{"PUT", request + "/status", `{"status":"canceled"}`},
		{"DELETE", on + landlord, ""},
		{"POST", "/v1/webhooks", hookBody("http://127.0.0.1:1/", firstSecret)},
		{"PUT", "/v1/webhooks/" + entry.String() + "/secret", secretBody(firstSecret)},
		{"DELETE", "/v1/webhooks/" + entry.String(), ""},
		{"DELETE", "/v1/connections/" + channel, ""},
	}
}

// people are the callers by their names.
var people = map[string]httpapi.Caller{"Lena": as(lena), "Tom": as(tom), "Tia": as(tia), "Pia": as(pia), "Otto": as(otto), "platform": host}

// ownRoute is the route of a command on one thing, below the thing's own path.
type ownRoute struct {
	method, path, body string
	landlord           bool // only a landlord sends it, or the platform for them
}

func postRoutes(comment string) []ownRoute {
	return []ownRoute{
		{"PUT", "", `{"category":"job","title":"Help","body":"wanted"}`, true},
		{"PUT", "/pin", "", true},
		{"DELETE", "/pin", "", true},
		{"DELETE", "/commenting", "", true},
		{"PUT", "/commenting", "", true},
		{"POST", "/comments", `{"text":"hello"}`, false},
		{"DELETE", "/comments/" + comment, "", false},
		{"POST", "/comments/" + comment + "/remove", "", true},
		{"DELETE", "", "", true},
	}
}

func requestRoutes() []ownRoute {
	return []ownRoute{
		{"PUT", "/shares/" + pia.String(), `{"history":"from_now"}`, true},
		{"DELETE", "/shares/" + pia.String(), "", true},
		{"PUT", "/status", `{"status":"resolved"}`, true},
	}
}

// files is a list of that many files that nobody has uploaded.
func files(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = `"` + uuid.NewString() + `"`
	}
	return "[" + strings.Join(ids, ",") + "]"
}

// channelRoutes is below a channel.
func channelRoutes(message string) []ownRoute {
	return []ownRoute{
		{"POST", "/messages", `{"text":"hello"}`, false},
		{"DELETE", "/messages/" + message, "", false},
		{"POST", "/seen", `{"entries":["` + message + `"]}`, false},
		{"PUT", "/unread", `{"unread":true}`, false},
		{"PUT", "/mute", `{"muted":true}`, false},
	}
}

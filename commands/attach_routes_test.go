package commands

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/attachment"
)

// attachRoute is a request that writes an entry, which files are added to.
type attachRoute struct {
	name   string
	caller uuid.UUID
	path   string
	body   string
	kind   string // of the entry
}

// with is the body with files.
func (r attachRoute) with(files ...uuid.UUID) string {
	list, _ := json.Marshal(files)
	return strings.Replace(r.body, "{", `{"attachments":`+string(list)+`,`, 1)
}

// send sends it with files, as the one whose route it is.
func (r attachRoute) send(a *api, files []uuid.UUID, headers ...string) answer {
	a.Helper()
	return a.do(as(r.caller), "POST", r.path, r.with(files...), headers...)
}

// attachRoutes are all that write an entry with files.
func attachRoutes(a *api) []attachRoute {
	notice, leak := a.posted(), a.submitted()
	return []attachRoute{
		{"SendMessage", tom, "/v1/channels/" + channel + "/messages", `{"text":""}`, "message_sent"},
		{"SendMessage to a request", tom, "/v1/channels/" + leak + "/messages", `{"text":""}`, "maintenance_message_sent"},
		{"AddComment", tom, "/v1/posts/" + notice + "/comments", `{"text":""}`, "comment_added"},
		{"PublishPost", lena, "/v1/posts", strings.Replace(noticeBody, "It is off on Monday.", "", 1), "post_published"},
		{"SubmitMaintenanceRequest", tom, "/v1/maintenance-requests", strings.Replace(leakBody, "The tap drips.", "", 1), "maintenance_message_sent"},
		{"OpenMaintenanceRequest", lena, "/v1/maintenance-requests/open", strings.Replace(ownLeakBody, "The walls are grey.", "", 1), "maintenance_message_sent"},
	}
}

// eachAttachRoute runs a test for every one of them, on a house of its own.
func eachAttachRoute(t *testing.T, test func(*testing.T, *house, *api, attachRoute)) {
	for i := range 6 {
		h := newHouse(t)
		h.set(day.Add(-12 * time.Hour)) // an hour later is the same day
		h.lease(tom)
		a := newAPI(h, h.Service)
		route := attachRoutes(a)[i]
		t.Run(route.name, func(t *testing.T) {
			h.TB = t
			test(t, h, a, route)
		})
	}
}

// binding is what the file belongs to, as the log has it.
func (h *house) binding(file uuid.UUID) (bound attachment.Binding) {
	h.Helper()
	err := h.service(h.log, nil).attachments.Look(h.Context(), attachment.Stream(file), func(a attachment.State) error { bound = a.Bound; return nil })
	if err != nil {
		h.Fatal(err)
	}
	return bound
}

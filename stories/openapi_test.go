package stories

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"lobby.example/readmodel/readmodeltest/engines"
)

const goldenDocument = "../api/openapi.json"

// served is the document at /openapi.json, indented.
func served(t *testing.T) []byte {
	l := openLobby(t)
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	var indented bytes.Buffer
	if err := json.Indent(&indented, w.Body.Bytes(), "", "  "); err != nil {
		t.Fatalf("%d: %v", w.Code, err)
	}
	indented.WriteByte('\n')
	return indented.Bytes()
}

func TestOpenAPIDocumentIsTheGoldenOne(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		got := served(t)
		if *update {
			if err := os.WriteFile(goldenDocument, got, 0o666); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(goldenDocument)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("api/openapi.json is not what is served (make golden writes it):\n%s", diff)
		}
	})
}

// document is what a client generator reads of OpenAPI.
type document struct {
	Security   []map[string][]string
	Paths      map[string]map[string]operation
	Components struct {
		Schemas         map[string]schema
		Responses       map[string]struct{ Content map[string]any }
		SecuritySchemes map[string]struct{ Type, Scheme string }
	}
}

type operation struct {
	OperationID string
	Summary     string
	Tags        []string
	Security    []map[string][]string
	Parameters  []struct{ Name, Description string }
	Responses   map[string]struct {
		Ref     string `json:"$ref"`
		Content map[string]any
	}
}

type schema struct {
	Properties map[string]struct {
		Ref         string `json:"$ref"`
		Description string
	}
}

func readDocument(t *testing.T, text []byte) (d document) {
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// operations are the commands and queries that there are.
var operations = strings.Fields(`
	AcceptInvitation AddComment Attachment BoardPosts Boards Channel ChannelMessages CloseComments CreateWebhook DeactivatePerson
	DeclineInvitation DeleteComment DeleteMessage DeleteWebhook Disconnect EditPost EndLease Inbox Invite MaintenanceRequests MarkSeen MarkUnread Me MuteChannel
	OpenComments OpenMaintenanceRequest PinPost Post PostComments PublishPost RegisterPerson RemoveComment RemovePost RotateWebhookSecret
	SearchContacts SearchMessages SeenBy SendMessage SetMaintenanceStatus SetPreferences ShareLease ShareMaintenanceRequest SubmitMaintenanceRequest
	UnpinPost UnreadCounts UnshareMaintenanceRequest UpdateProfile UploadAttachment Webhooks`)

func TestOpenAPIDocumentDescribesEverything(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		d := readDocument(t, served(t))
		if len(d.Security) != 1 || d.Security[0]["bearer"] == nil {
			t.Errorf("security: %v", d.Security)
		}
		if bearer := d.Components.SecuritySchemes["bearer"]; bearer.Type != "http" || bearer.Scheme != "bearer" {
			t.Errorf("bearer is %+v", bearer)
		}
		if d.Components.Responses["Problem"].Content["application/problem+json"] == nil {
			t.Error("Problem is no problem document")
		}
		var ids []string
		for path, methods := range d.Paths {
			for method, o := range methods {
				ids = append(ids, o.OperationID)
				if o.Summary == "" || len(o.Tags) != 1 || o.Security != nil {
					t.Errorf("%s %s: summary %q, tags %v, security %v", method, path, o.Summary, o.Tags, o.Security)
				}
				for _, p := range o.Parameters {
					if p.Description == "" {
						t.Errorf("%s: parameter %s is not described", o.OperationID, p.Name)
					}
				}
				if o.Responses["default"].Ref != "#/components/responses/Problem" {
					t.Errorf("%s: the default response is no problem", o.OperationID)
				}
				if o.Responses["200"].Content == nil && o.Responses["201"].Content == nil {
					t.Errorf("%s: no response of success in %v", o.OperationID, slices.Collect(maps.Keys(o.Responses)))
				}
			}
		}
		slices.Sort(ids)
		if diff := cmp.Diff(operations, ids); diff != "" {
			t.Errorf("operations (-: the design's, +: served):\n%s", diff)
		}
		for name, s := range d.Components.Schemas {
			if !regexp.MustCompile(`^[A-Z][A-Za-z]*$`).MatchString(name) {
				t.Errorf("schema %s has no sensible name", name)
			}
			for field, p := range s.Properties {
				if p.Description == "" {
					t.Errorf("schema %s: %s is not described", name, field)
				}
			}
		}
	})
}

package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"lobby.example/httpapi"
)

func TestErrorsOfHandlers(t *testing.T) {
	c, log := serve(t)
	for how, want := range map[string]struct {
		status int
		code   string
	}{
		"invalid": {422, "empty_text"}, "forbidden": {403, "not_yours"}, "notfound": {404, "no_such_post"},
		"conflict": {409, "already_seen"}, "behind": {503, "not_caught_up"}, "deadline": {503, "unavailable"},
		"panic": {500, "internal"}, "reasonless": {500, "internal"}, "other": {500, "internal"},
	} {
		t.Run(how, func(t *testing.T) {
			log.Reset()
			a := c.do("GET", "/v1/failures/"+how, "")
			if a.StatusCode != want.status || a.Code != want.code {
				t.Fatalf("%d %s", a.StatusCode, a.text)
			}
			if strings.Contains(a.text, "secret") || strings.Contains(a.text, "wrapped") {
				t.Errorf("the cause is in the answer: %s", a.text)
			}
			logged := strings.Contains(log.String(), `"operation":"Fail"`)
			if logged != (want.code == "internal" || want.code == "unavailable") {
				t.Errorf("log: %s", log)
			}
			if want.code == "internal" && (!strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), person.String())) {
				t.Errorf("cause or caller is not in the log: %s", log)
			}
		})
	}
	a := c.do("GET", "/v1/failures/conflict", "")
	if a.Decided == nil || *a.Decided != deciding {
		t.Errorf("decided: %s", a.text)
	}
	a = c.do("GET", "/v1/failures/invalid", "")
	if len(a.Errors) != 1 || a.Errors[0] != (httpapi.FieldError{Field: "text", Code: "empty_text", Message: "a message needs a text"}) {
		t.Errorf("errors: %s", a.text)
	}
	if after := c.do("GET", "/v1/failures/behind", "").Header.Get("Retry-After"); after != "1" {
		t.Errorf("Retry-After: %q", after)
	}
}

// A client that leaves is no failure of ours: nothing is logged.
func TestClientThatLeaves(t *testing.T) {
	c, log := serve(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(ctx, "GET", "/v1/failures/deadline", nil)
	r.Header.Set("Authorization", "Bearer "+c.token)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if w.Code != 503 || log.Len() != 0 {
		t.Errorf("%d %s, log: %s", w.Code, w.Body, log)
	}
}

// The document is what clients are generated from.
func TestOpenAPI(t *testing.T) {
	c, _ := serve(t)
	c.token = ""
	var document struct {
		OpenAPI  string
		Info     struct{ Title, Version string }
		Security []map[string][]string
		Paths    map[string]map[string]struct {
			OperationID string
			Summary     string
			Tags        []string
			Security    *[]map[string][]string
			Responses   map[string]map[string]any
			Parameters  []struct {
				Name   string
				Schema map[string]any
			}
		}
		Components struct {
			Responses map[string]any
			Schemas   map[string]struct{ Properties map[string]any }
		}
	}
	a := c.do("GET", "/openapi.json", "")
	if err := json.Unmarshal([]byte(a.text), &document); err != nil {
		t.Fatalf("%v in %s", err, a.text)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1") || document.Info.Title != "Lobby" || document.Info.Version != "1.2.3" || len(document.Security) != 1 {
		t.Errorf("%+v", document)
	}
	change := document.Paths["/v1/things/{thing}"]["post"]
	if change.OperationID != "ChangeThing" || change.Summary != "Change thing" || strings.Join(change.Tags, " ") != "things" || change.Security != nil {
		t.Errorf("%+v", change)
	}
	for _, status := range []string{"409", "default"} {
		if change.Responses[status]["$ref"] != "#/components/responses/Problem" {
			t.Errorf("%s: %v", status, change.Responses[status])
		}
	}
	for _, parameter := range change.Parameters {
		if parameter.Name == "thing" && parameter.Schema["format"] != "uuid" {
			t.Errorf("%+v", parameter)
		}
	}
	if hello := document.Paths["/v1/hello"]["get"]; hello.Security == nil || len(*hello.Security) != 0 {
		t.Error("a public operation does not say so")
	}
	if document.Components.Responses["Problem"] == nil || document.Components.Schemas["Problem"].Properties["decided"] == nil {
		t.Errorf("%+v", document.Components)
	}
	if strings.Contains(a.text, "$schema") {
		t.Error("bodies have $schema links")
	}
}

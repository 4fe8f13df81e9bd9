package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/httpapi"
	"lobby.example/projections"
)

func TestWhatAServerSaysOfItself(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "data")
	p := serve(t, data)
	if want := "lobby serves " + p.base + " from " + data + "\n"; p.first != want {
		t.Errorf("the first line is %q, want %q", p.first, want)
	}
	person, token := p.person(data, "landlord", "Greta Lindqvist")
	position := p.must(token, http.MethodPut, "/persons/"+person.String()+"/profile", `{"name":"Greta Nilsson"}`).Position
	if status := p.get(token, "/v1/me?after="+position, nil); status != http.StatusOK {
		t.Fatalf("me: %d", status)
	}

	var text string
	if status := p.get("", "/healthz", &text); status != http.StatusOK || text != "ok\n" {
		t.Errorf("/healthz: %d %q", status, text)
	}
	var ready map[string]any
	if status := p.get("", "/readyz", &ready); status != http.StatusOK || ready["ready"] != true || ready["build"] != fmt.Sprintf("v%d-b1", projections.Messenger.Version) ||
		ready["position"] != position || ready["behind_seconds"] != 0. || len(ready) != 4 {
		t.Errorf("/readyz: %d %v", status, ready)
	}
	p.get("", "/metrics", &text)
	for _, line := range []string{
		`lobby_http_request_seconds_count{route="GET /v1/me",status="200"} 1`,
		`lobby_http_request_seconds_count{route="POST /v1/persons",status="201"} 1`,
		`lobby_http_request_seconds_bucket{route="GET /v1/me",status="200",le="+Inf"} 1`,
		"lobby_read_model_behind_seconds 0",
		"lobby_read_model_ready 1",
		"go_goroutines ",
		"process_resident_memory_bytes ",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("/metrics lacks %q", line)
		}
	}
	if strings.Contains(text, person.String()) {
		t.Error("/metrics names a person")
	}
}

// The program serves the document that is in the repository, as docs/api.md says.
func TestTheProgramServesTheGoldenDocument(t *testing.T) {
	p := serve(t, t.TempDir())
	var served string
	p.get("", "/openapi.json", &served)
	golden, err := os.ReadFile("../../api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, golden); err != nil {
		t.Fatal(err)
	}
	if served != compact.String() {
		t.Error("/openapi.json is not api/openapi.json: the program and the stories wire different routes")
	}
}

func TestTokensThatAreNotBelieved(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data)
	person, token := p.person(data, "landlord", "Greta Lindqvist")
	mint := func(data string, minted time.Time) string {
		key, err := openKey(data)
		if err != nil {
			t.Fatal(err)
		}
		token, err := key.Mint(httpapi.Caller{Person: person}, minted, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	head, rest, _ := strings.Cut(token, ".")
	for name, c := range map[string]struct{ token, code string }{
		"none":                        {"", "unauthorized"},
		"no token":                    {"hello", "invalid_token"},
		"forged with another key":     {mint(t.TempDir(), time.Now()), "invalid_token"},
		"changed after it was signed": {head + "." + strings.ToUpper(rest[:1]) + strings.ToLower(rest[1:2]) + rest[2:], "invalid_token"},
		"expired":                     {mint(data, time.Now().Add(-2*time.Hour)), "token_expired"},
		"of nobody":                   {tokenOf(t, data, uuid.New(), false), "unknown_caller"},
	} {
		var problem commandAnswer
		if status := p.get(c.token, "/v1/me", &problem); status != http.StatusUnauthorized || problem.Code != c.code {
			t.Errorf("%s: %d %s, want 401 %s", name, status, problem.Code, c.code)
		}
		status, answer, err := p.send(c.token, "", http.MethodPost, "/connections", `{"person":"`+uuid.NewString()+`"}`)
		if err != nil || status != http.StatusUnauthorized || c.token != "" && answer.Code != c.code {
			t.Errorf("%s, a command: %d %s %v, want 401 %s", name, status, answer.Code, err, c.code)
		}
	}
	if status := p.get(token, "/v1/me", nil); status != http.StatusOK {
		t.Errorf("the right one: %d", status)
	}
}

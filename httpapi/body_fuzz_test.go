package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"lobby.example/httpapi"
)

func FuzzRequestBody(f *testing.F) {
	path := filepath.Join(f.TempDir(), "key.pem")
	key, err := httpapi.OpenKey(path)
	if err != nil {
		f.Fatal(err)
	}
	tokens, err := httpapi.NewVerifier(f.Context(), httpapi.Trust{KeyFile: path})
	if err != nil {
		f.Fatal(err)
	}
	token, err := key.Mint(httpapi.Caller{Person: person}, time.Now(), 24*time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	handler := newAPI(tokens, io.Discard).Handler()
	for _, seed := range []string{
		`{"text":"a"}`, `{"text":"a","place":{"street":"b","number":1},"tags":["x"],"when":"2026-01-02T03:04:05Z"}`,
		`{"text":"a","text":"b"}`, `{"te\u0078t":"a"}`, `[]`, `null`, `{"text":1e400}`, "\xff", `{"text":"\ud800"}`,
		`{"text":"a","free":{"a":[{"b":":"}]}}`, `{"text":"a","count":1.0}`, `{"text":"a","files":["x"]}`, `{"":0}`, `"\"`,
	} {
		f.Add([]byte(seed), "application/json")
	}
	f.Add([]byte(`{}`), "text/plain+;")
	f.Add([]byte(`{}`), ";+json")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		r := httptest.NewRequest("POST", thing, bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code == http.StatusOK {
			return
		}
		var problem httpapi.Problem
		err := json.Unmarshal(w.Body.Bytes(), &problem)
		if err != nil || w.Code >= 500 || problem.Status != w.Code || problem.Code == "" || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
		if len(problem.Errors) > 20 {
			t.Errorf("%d errors", len(problem.Errors))
		}
	})
}

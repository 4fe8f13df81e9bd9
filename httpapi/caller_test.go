package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"lobby.example/httpapi"
)

func TestUnauthorized(t *testing.T) {
	c, _ := serve(t)
	for name, test := range map[string]struct{ header, code string }{
		"none": {"", "unauthorized"}, "basic": {"Basic YTpi", "unauthorized"}, "bare token": {c.token, "unauthorized"},
		"no token": {"Bearer", "invalid_token"}, "blank": {"Bearer  ", "invalid_token"}, "wrong": {"Bearer x.y.z", "invalid_token"},
		"lower case": {"bearer " + c.token, ""}, "two blanks": {"Bearer  " + c.token, ""}, "more after": {"Bearer " + c.token + " x", "invalid_token"},
	} {
		// The body is not looked at before the caller is known.
		a := c.do("POST", thing, "{", "Authorization: "+test.header)
		if test.code == "" {
			if a.Code != "malformed_json" {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.text)
			}
			continue
		}
		challenge := a.Header.Get("WWW-Authenticate")
		if a.StatusCode != 401 || a.Code != test.code || !strings.HasPrefix(challenge, `Bearer realm="lobby"`) ||
			strings.Contains(challenge, `error="invalid_token"`) != (test.code == "invalid_token") {
			t.Errorf("%s: %d %s %s", name, a.StatusCode, a.text, challenge)
		}
	}
	r, err := http.NewRequest("GET", c.url+"/v1/things", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["Authorization"] = []string{"Bearer x", "Bearer " + c.token}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 401 {
		t.Errorf("two tokens: %d", response.StatusCode)
	}
}

func TestCallerOf(t *testing.T) {
	if caller := httpapi.CallerOf(t.Context()); caller != (httpapi.Caller{}) {
		t.Errorf("%+v", caller)
	}
	type key struct{}
	want := httpapi.Caller{Person: person, Audit: true}
	ctx := httpapi.WithCaller(context.WithValue(t.Context(), key{}, 7), want)
	if caller := httpapi.CallerOf(ctx); caller != want || ctx.Value(key{}) != 7 {
		t.Errorf("%+v", caller)
	}
}

func TestUnknownCaller(t *testing.T) {
	p := httpapi.UnknownCaller()
	if p.Status != 401 || p.Code != "unknown_caller" || !strings.Contains(p.GetHeaders().Get("WWW-Authenticate"), `error="invalid_token"`) {
		t.Errorf("%+v %v", p, p.GetHeaders())
	}
}

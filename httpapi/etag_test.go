package httpapi_test

import (
	"testing"

	"lobby.example/httpapi"
)

func TestNoneMatch(t *testing.T) {
	for header, want := range map[string]bool{
		`"a"`: true, ` "a" `: true, `W/"a"`: true, `*`: true, `"b", "a"`: true, `"b",W/"a"`: true, `,, "a"`: true, `"x,y", "a"`: true,
		``: false, `"b"`: false, `a`: false, `"a`: false, `"b" "a"`: false, `"b"; "a"`: false, `w/"a"`: false, `"x, "a"`: false,
		`*, "b"`: false, `"A"`: false, `W/`: false, `"b",`: false,
	} {
		if got := httpapi.NoneMatch(header, `"a"`); got != want {
			t.Errorf("%s: %v", header, got)
		}
	}
	if !httpapi.NoneMatch(`"a"`, `W/"a"`) {
		t.Error("tags are compared weakly")
	}
}

func TestETag(t *testing.T) {
	if a, b := httpapi.ETag([]byte("a")), httpapi.ETag([]byte("b")); a == b || a != httpapi.ETag([]byte("a")) || len(a) != 24 || a[0] != '"' || a[23] != '"' {
		t.Errorf("%s %s", a, b)
	}
}

func TestRevalidated(t *testing.T) {
	c, _ := serve(t)
	first := c.do("GET", "/v1/things", "")
	tag := first.Header.Get("ETag")
	if first.StatusCode != 200 || tag != httpapi.ETag([]byte(first.text)) || first.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%d %v", first.StatusCode, first.Header)
	}
	again := c.do("GET", "/v1/things", "", "If-None-Match: "+tag)
	if again.StatusCode != 304 || again.text != "" || again.Header.Get("ETag") != tag {
		t.Errorf("%d %q %v", again.StatusCode, again.text, again.Header)
	}
	if other := c.do("GET", "/v1/things?limit=2", "", "If-None-Match: "+tag); other.StatusCode != 200 || other.text == "" {
		t.Errorf("%d %q", other.StatusCode, other.text)
	}
	if bad := c.do("GET", "/v1/things?cursor=x", "", "If-None-Match: *"); bad.Code != "invalid_cursor" || bad.Header.Get("ETag") != "" || bad.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s %v", bad.StatusCode, bad.text, bad.Header)
	}
	c.token = "x"
	if stranger := c.do("GET", "/v1/things", "", "If-None-Match: "+tag); stranger.StatusCode != 401 {
		t.Errorf("%d", stranger.StatusCode)
	}
}

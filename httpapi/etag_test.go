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

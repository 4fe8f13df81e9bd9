package httpapi_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lobby.example/domain"
	"lobby.example/httpapi"
)

type lastSeen struct {
	Time time.Time `json:"t"`
	ID   string    `json:"i"`
}

func TestCursor(t *testing.T) {
	want := lastSeen{time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC), "post-ü?&"}
	text := httpapi.EncodeCursor("BoardPosts", want)
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		t.Errorf("%s does not fit a URL", text)
	}
	if got, err := httpapi.DecodeCursor[lastSeen]("BoardPosts", text); err != nil || got != want {
		t.Errorf("%v %v", got, err)
	}
	refused := map[string]string{"empty": "", "no base64": "?", "padded": text + "=", "cut": text[:len(text)-1],
		"longer": text + "AAAA", "huge": strings.Repeat("A", 2000), "of another operation": httpapi.EncodeCursor("Inbox", want)}
	for i := range len(text) {
		refused["changed at "+text[:i]] = text[:i] + string(text[i]^1) + text[i+1:]
	}
	for name, text := range refused {
		_, err := httpapi.DecodeCursor[lastSeen]("BoardPosts", text)
		refusal, ok := errors.AsType[*domain.Refusal](err)
		if !ok || refusal.Code != "invalid_cursor" || refusal.Field != "cursor" || refusal.Reason != domain.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := httpapi.DecodeCursor[int]("BoardPosts", text); err == nil {
		t.Error("a value of another type was read")
	}
}

// One value has one spelling, or a cursor could not be compared.
func TestCursorHasNoSpareBits(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, value := range []int{1, 12, 123} {
		text := httpapi.EncodeCursor("Inbox", value)
		end := len(text) - 1
		for _, last := range alphabet {
			if byte(last) == text[end] {
				continue
			}
			if _, err := httpapi.DecodeCursor[int]("Inbox", text[:end]+string(last)); err == nil {
				t.Errorf("%s is read with %c at its end", text, last)
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("BoardPosts", httpapi.EncodeCursor("BoardPosts", "post-1"))
	f.Add("Inbox", httpapi.EncodeCursor("BoardPosts", "post-1"))
	f.Add("", "AAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, operation, text string) {
		if value, err := httpapi.DecodeCursor[string](operation, text); err == nil {
			again, err := httpapi.DecodeCursor[string](operation, httpapi.EncodeCursor(operation, value))
			if err != nil || again != value {
				t.Errorf("%q became %q, %v", value, again, err)
			}
			return
		}
		value := strings.ToValidUTF8(text, "?")
		if len(value) > 500 {
			return
		}
		made := httpapi.EncodeCursor(operation, value)
		got, err := httpapi.DecodeCursor[string](operation, made)
		if err != nil && len(made) <= 1024 || err == nil && got != value {
			t.Errorf("%q became %q, %v", value, got, err)
		}
		if _, err := httpapi.DecodeCursor[string](operation+"x", made); err == nil {
			t.Error("read by another operation")
		}
	})
}

package readapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"lobby.example/httpapi"
)

// answer is what came back.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.Status, bytes.TrimSpace(a.Body)) }

func (a answer) position() string { return a.Header.Get("Lobby-Position") }

// problem is the code of a problem document, and the fields at fault.
func (a answer) problem() string {
	var p httpapi.Problem
	if a.Header.Get("Content-Type") != "application/problem+json" || json.Unmarshal(a.Body, &p) != nil || p.Status != a.Status {
		return "no problem: " + a.String()
	}
	text := p.Code
	for _, e := range p.Errors {
		text += " " + e.Field
	}
	return text
}

// read decodes an answer that must be there.
func read[T any](t testing.TB, a answer) (value T) {
	t.Helper()
	if a.Status != http.StatusOK {
		t.Fatalf("want 200: %s", a)
	}
	if err := json.Unmarshal(a.Body, &value); err != nil {
		t.Fatalf("%v: %s", err, a)
	}
	return value
}

// pages reads all pages of a list.
func pages[T any](t testing.TB, get func(path string) answer, path string, next func(T) string) (all []T) {
	t.Helper()
	cursor := ""
	for len(all) < 1000 {
		page := read[T](t, get(path+cursor))
		all = append(all, page)
		if next(page) == "" {
			return all
		}
		cursor = "&cursor=" + next(page)
	}
	t.Fatalf("%s does not end", path)
	return nil
}

package stories

import (
	"lobby.example/readmodel/readmodeltest/engines"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What no story says need not be in the language, and what the API can do has a
// story.
func TestStoriesSayAllThatThereIsToSay(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		var routes, said []string
		for _, file := range storyFiles(t) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			retell(string(text), func(line string) string {
				if match := subject.FindStringSubmatch(line); match != nil {
					if s, _, ok := understand(match[4]); ok {
						said, routes = append(said, s.says), append(routes, bare(s.route))
					}
				}
				return ""
			})
		}
		for _, s := range language {
			if !slices.Contains(said, s.says) {
				t.Errorf("no story says %q", s.says)
			}
		}
		document := readDocument(t, served(t))
		for path, operations := range document.Paths {
			for method, operation := range operations {
				route := bare(strings.ToUpper(method) + " " + strings.TrimPrefix(path, "/v1"))
				if !slices.Contains(routes, route) {
					t.Errorf("no story tells of %s (%s)", operation.OperationID, route)
				}
			}
		}
	})
}

// bare is a route without the names of its parameters.
func bare(route string) string {
	route, _, _ = strings.Cut(route, "?")
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(route, "{}")
}

func TestWhatNoSentenceSaysIsNotUnderstood(t *testing.T) {
	for _, said := range []string{"", "greets Jonas", "invites", "invites jonas", "invites Jonas twice", "deletes keys", "looks at the inboxes",
		"publishes gossip #news to all: News. None.", "publishes notice #news to all: News", "shares #drain", "sets #drain to Canceled", "looks at the board"} {
		if s, _, ok := understand(said); ok {
			t.Errorf("%q was taken for %q", said, s.says)
		}
	}
}

func TestRetellingReplacesWhatCame(t *testing.T) {
	got := retell("Title\n\n> A does\nold\nold\n> B does\n\nProse\nin lines.\n> C does\nold\n", func(line string) string {
		return map[string]string{"A does": "new", "B does": "more\nlines", "C does": ""}[line]
	})
	if want := "Title\n\n> A does\nnew\n> B does\nmore\nlines\n\nProse\nin lines.\n> C does\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

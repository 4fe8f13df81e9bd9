package webhook

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestAWebhookIsCreatedOnce(t *testing.T) {
	given(t).When(create()).Then(created).Again().Nothing()
	given(t, created, rotated).When(create()).Nothing()

	for name, change := range map[string]func(*Create){
		"url":    func(c *Create) { c.URL = "https://books.example.org/" },
		"kinds":  func(c *Create) { c.Kinds = known },
		"secret": func(c *Create) { c.Secret = scenario.ID("another") },
	} {
		t.Run("and not with another "+name, func(t *testing.T) {
			c := create()
			change(&c)
			given(t, created).When(c).Refused(domain.Conflict, "already_created")
		})
	}
}

func TestRule1_ATargetIsAnHTTPURLWithAHost(t *testing.T) {
	base := "https://books.example.org/"
	for _, target := range []string{
		"http://books.example.org", base, "HTTPS://Books.Example.Org/a/b?c=d&e=%20f", "http://localhost:8080/x", "http://127.0.0.1", "http://[::1]:65535/x",
		"https://bücher.example/straße", "https://xn--bcher-kva.example", "http://books", base + strings.Repeat("ü", 2000-len(base)),
	} {
		c := create()
		c.URL = target
		given(t).When(c).Then(Created{Webhook: books, URL: target, Kinds: kinds, Secret: secret})
	}
	for _, target := range []string{
		"", " ", "books.example.org", "/lobby", "//books.example.org/", "ftp://books.example.org/", "file:///etc/passwd", "javascript:alert(1)", "https:books.example.org",
		"http://", "http:///x", "http://:80/", "https://?x", "https://user@books.example.org/", "https://user:word@books.example.org/", "https://@books.example.org/",
		base + "#", base + "#part", "http://books:0/", "http://books:65536/", "http://books:http/", "http://[::1/", "http://::1/", "http://a b/", base + "a b",
		" " + base, base + "\n", base + "\r\nHost: x", base + "\x00", base + "\x7f", base + "\u0085", base + "\u00a0", base + "\u2028", base + "\u202e", base + "\u200b",
		base + "\xff", base + "%zz?x=%", "http://%41/", base + strings.Repeat("ü", 2001-len(base)),
	} {
		c := create()
		c.URL = target
		if r := given(t).When(c).Refused(domain.Invalid, "not_a_webhook_url"); r.Field != "url" {
			t.Errorf("%q: field %q", target, r.Field)
		}
	}
}

func TestRule2_KindsAreKnownAndNotTwice(t *testing.T) {
	many := make([]string, 101)
	for i := range many {
		many[i] = "kind_" + strconv.Itoa(i)
	}
	most := Create{Webhook: books, URL: target, Kinds: many[:100], Secret: secret, Known: many}
	given(t).When(most).Then(Created{Webhook: books, URL: target, Kinds: many[:100], Secret: secret})

	for _, c := range []struct {
		kinds []string
		code  string
	}{
		{nil, "kinds_count"},
		{[]string{}, "kinds_count"},
		{many, "kinds_count"},
		{slices.Repeat([]string{"message_sent"}, 101), "kinds_count"},
		{[]string{"message_sent", "message_sent"}, "kind_twice"},
		{[]string{"message_sent", "lamp_lit"}, "unknown_kind"},
		{[]string{"Message_sent"}, "unknown_kind"},
		{[]string{""}, "unknown_kind"},
		{[]string{"*"}, "unknown_kind"},
	} {
		command := Create{Webhook: books, URL: target, Kinds: c.kinds, Secret: secret, Known: append(known, many...)}
		if r := given(t).When(command).Refused(domain.Invalid, c.code); r.Field != "kinds" {
			t.Errorf("%q: field %q", c.kinds, r.Field)
		}
	}
}

func TestRule3_ASecretIsLongAndPrintable(t *testing.T) {
	for _, good := range []string{strings.Repeat("s", 32), strings.Repeat("~!", 100)} {
		if err := CheckSecret(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	long := strings.Repeat("s", 31)
	for bad, code := range map[string]string{
		"": "secret_too_short", long: "secret_too_short",
		strings.Repeat("s", 201): "not_a_secret", long + " ": "not_a_secret", long + "\n": "not_a_secret", long + "\x7f": "not_a_secret", long + "é": "not_a_secret", long + "\xff": "not_a_secret",
	} {
		err, _ := CheckSecret(bad).(*domain.Refusal)
		if err == nil || err.Reason != domain.Invalid || err.Code != code || err.Field != "secret" {
			t.Errorf("%q: %v, want %s", bad, err, code)
		} else if bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("the refusal repeats the secret: %v", err)
		}
	}
}

// What the rules let through, a client of HTTP can be asked to send.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{target, "http://[::1]:80/x", "http://a%20b/", "https://user@host/#x", "http://\u202e", "http://h:99999/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		c := Create{Webhook: uuid.New(), URL: target, Kinds: kinds, Known: known}
		events, err := c.Decide(State{})
		if err != nil {
			return
		}
		url := events[0].(Created).URL
		r, err := http.NewRequest(http.MethodPost, url, nil)
		if err != nil || r.URL.Hostname() == "" || r.URL.User != nil || r.URL.Fragment != "" || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
			t.Errorf("%q is a target: %+v, %v", target, r, err)
		}
	})
}

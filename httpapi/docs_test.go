package httpapi_test

import (
	"regexp"
	"strings"
	"testing"
)

// The page must work without the internet: everything it loads is served here.
func TestDocsAskNoForeignHost(t *testing.T) {
	c, _ := serve(t)
	c.token = ""
	page := c.do("GET", "/docs", "")
	if page.StatusCode != 200 || page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", page.StatusCode, page.Header)
	}
	policy := page.Header.Get("Content-Security-Policy")
	for _, refused := range []string{"http", "unsafe", "*"} {
		if strings.Contains(policy, refused) {
			t.Errorf("the policy has %s: %s", refused, policy)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; ") {
		t.Errorf("policy: %s", policy)
	}
	start := c.do("GET", "/docs/start.js", "")
	for _, text := range []string{page.text, start.text} {
		if strings.Contains(text, "//") || strings.Contains(text, "<style") || strings.Contains(text, "<script>") {
			t.Errorf("a foreign host, or something inline that the policy refuses: %s", text)
		}
	}
	if !strings.Contains(start.text, "validatorUrl: null") {
		t.Error("the document would be sent to a validator")
	}
	loaded := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.text, -1)
	if len(loaded) != 4 {
		t.Errorf("the page loads %v", loaded)
	}
	for _, match := range loaded {
		if a := c.do("GET", match[1], ""); a.StatusCode != 200 || len(a.text) < 100 {
			t.Errorf("%s: %d, %d bytes", match[1], a.StatusCode, len(a.text))
		}
	}
	css := c.do("GET", "/docs/swagger-ui.css", "")
	if strings.Contains(css.text, "@import") || regexp.MustCompile(`url\(["']?(https?:)?//`).MatchString(css.text) {
		t.Error("the style sheet loads from elsewhere")
	}
	if a := c.do("GET", "/docs/index.html", ""); a.Code != "no_such_route" {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
}

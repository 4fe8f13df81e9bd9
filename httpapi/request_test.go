package httpapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"lobby.example/httpapi"
)

func TestRequestIsAnswered(t *testing.T) {
	c, _ := serve(t)
	a := c.do("POST", thing, `{"text":"Grüße <b>&","files":["0198c0de-0000-7000-8000-0000000000bb"],"place":{"street":"A"}}`,
		"Idempotency-Key: key 1")
	if want := `{"by":"` + person.String() + `","key":"key 1","text":"Grüße <b>&"}` + "\n"; a.StatusCode != 200 || a.text != want {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Type": "application/json", "Link": "",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a := c.do("GET", "/v1/things?q=a%26b", ""); a.text != `{"limit":50,"q":"a&b"}`+"\n" {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	c.token = ""
	if a := c.do("GET", "/v1/hello", ""); a.StatusCode != 200 {
		t.Errorf("public: %d %s", a.StatusCode, a.text)
	}
}

func TestBadRequests(t *testing.T) {
	c, _ := serve(t)
	const post, list = "POST", "GET"
	object := func(size int) string { // a JSON body of exactly size bytes, with a field that takes anything
		return `{"text":"a","free":"` + strings.Repeat("x", size-len(`{"text":"a","free":""}`)) + `"}`
	}
	for name, test := range map[string]struct {
		method, path, body, header string
		status                     int
		code, in, field, fault     string
	}{
		"body limit":        {method: post, body: object(1 << 20), status: 200},
		"over the limit":    {method: post, body: object(1<<20 + 1), status: 413, code: "body_too_large"},
		"no body":           {method: post, status: 400, code: "body_required"},
		"raw body":          {method: "PUT", path: "/v1/raw", body: "\xff678901234", header: "Content-Type: image/png", status: 200},
		"raw body too long": {method: "PUT", path: "/v1/raw", body: "12345678901", header: "Content-Type: image/png", status: 413, code: "body_too_large"},
		"no raw body":       {method: "PUT", path: "/v1/raw", status: 400, code: "body_required"},
		"refused by input":  {method: "PUT", path: "/v1/raw", body: "refused", status: 422, code: "not_this", field: "file", fault: "not_this"},
		"not JSON":          {method: post, body: `{"text":`, status: 400, code: "malformed_json"},
		"no JSON at all":    {method: post, body: `text=a`, status: 400, code: "malformed_json"},
		"garbage after":     {method: post, body: `{"text":"a"} x`, status: 400, code: "malformed_json"},
		"two values":        {method: post, body: `{"text":"a"}{}`, status: 400, code: "malformed_json"},
		"invalid UTF-8":     {method: post, body: "{\"text\":\"\xff\"}", status: 400, code: "malformed_json"},
		"repeated key":      {method: post, body: `{"text":"a","text":"b"}`, status: 400, code: "malformed_json"},
		"merged objects":    {method: post, body: `{"text":"a","place":{"street":"too long"},"place":{"street":"a","number":1}}`, status: 400, code: "malformed_json"},
		"escaped key":       {method: post, body: `{"text":"a","te\u0078t":"b"}`, status: 400, code: "malformed_json"},
		"too large number":  {method: post, body: `{"text":"a","free":1e999}`, status: 400, code: "malformed_json"},
		"colons in strings": {method: post, body: `{"text":"a:\"b\\","free":{":\\\"":[{"a":1},{"a":1}]}}`, status: 200},
		"media type":        {method: post, body: `{"text":"a"}`, header: "Content-Type: text/plain", status: 415, code: "unsupported_media_type"},
		"strange type":      {method: post, body: `{"text":"a"}`, header: "Content-Type: ;+", status: 415, code: "unsupported_media_type"},
		"charset":           {method: post, body: `{"text":"a"}`, header: "Content-Type: application/json; charset=utf-8", status: 200},
		"list for object":   {method: post, body: `[]`, status: 422, code: "invalid_request", in: "body", fault: "wrong_type"},
		"null":              {method: post, body: `null`, status: 422, code: "invalid_request", in: "body", fault: "wrong_type"},
		"required":          {method: post, body: `{}`, status: 422, code: "invalid_request", in: "body", field: "text", fault: "required"},
		"required inside":   {method: post, body: `{"text":"a","place":{}}`, status: 422, code: "invalid_request", in: "body", field: "place.street", fault: "required"},
		"unknown field":     {method: post, body: `{"text":"a","x":1}`, status: 422, code: "invalid_request", in: "body", field: "x", fault: "unknown_field"},
		"other case":        {method: post, body: `{"text":"a","TEXT":"b"}`, status: 422, code: "invalid_request", in: "body", field: "TEXT", fault: "unknown_field"},
		"wrong type":        {method: post, body: `{"text":1}`, status: 422, code: "invalid_request", in: "body", field: "text", fault: "wrong_type"},
		"null field":        {method: post, body: `{"text":null}`, status: 422, code: "invalid_request", in: "body", field: "text", fault: "wrong_type"},
		"fraction":          {method: post, body: `{"text":"a","count":1.5}`, status: 422, code: "invalid_request", in: "body", field: "count", fault: "wrong_type"},
		"whole fraction":    {method: post, body: `{"text":"a","count":1.0}`, status: 422, code: "invalid_request", in: "body", field: "count", fault: "wrong_type"},
		"number too high":   {method: post, body: `{"text":"a","count":10}`, status: 422, code: "invalid_request", in: "body", field: "count", fault: "out_of_range"},
		"too short":         {method: post, body: `{"text":""}`, status: 422, code: "invalid_request", in: "body", field: "text", fault: "too_short"},
		"too long":          {method: post, body: `{"text":"` + strings.Repeat("x", 1001) + `"}`, status: 422, code: "invalid_request", in: "body", field: "text", fault: "too_long"},
		"enum":              {method: post, body: `{"text":"a","kind":"x"}`, status: 422, code: "invalid_request", in: "body", field: "kind", fault: "not_allowed"},
		"too many":          {method: post, body: `{"text":"a","tags":["a","b","c"]}`, status: 422, code: "invalid_request", in: "body", field: "tags", fault: "too_many"},
		"too few":           {method: post, body: `{"text":"a","tags":[]}`, status: 422, code: "invalid_request", in: "body", field: "tags", fault: "too_few"},
		"repeated item":     {method: post, body: `{"text":"a","tags":["a","a"]}`, status: 422, code: "invalid_request", in: "body", field: "tags", fault: "repeated"},
		"time":              {method: post, body: `{"text":"a","when":"today"}`, status: 422, code: "invalid_request", in: "body", field: "when", fault: "wrong_format"},
		"uri":               {method: post, body: `{"text":"a","link":"se%cret"}`, status: 422, code: "invalid_request", in: "body", field: "link", fault: "wrong_format"},
		"id in a list":      {method: post, body: `{"text":"a","files":["0198c0de-0000-7000-8000-0000000000b?"]}`, status: 422, code: "invalid_request", in: "body", field: "files[0]", fault: "wrong_format"},
		"id in braces":      {method: post, body: `{"text":"a","files":["{0198c0de-0000-7000-8000-0000000000bb}"]}`, status: 422, code: "invalid_request", in: "body", field: "files[0]", fault: "too_long"},
		"id in the path":    {method: post, path: "/v1/things/7", body: `{"text":"a"}`, status: 422, code: "invalid_parameter", in: "path", field: "thing", fault: "wrong_format"},
		"long key":          {method: post, body: `{"text":"a"}`, header: "Idempotency-Key: " + strings.Repeat("k", 256), status: 422, code: "invalid_parameter", in: "header", field: "Idempotency-Key", fault: "too_long"},
		"key not ASCII":     {method: post, body: `{"text":"a"}`, header: "Idempotency-Key: schlüssel", status: 422, code: "invalid_parameter", in: "header", field: "Idempotency-Key", fault: "wrong_format"},
		"key with a tab":    {method: post, body: `{"text":"a"}`, header: "Idempotency-Key: a\tb", status: 422, code: "invalid_parameter", in: "header", field: "Idempotency-Key", fault: "wrong_format"},
		"empty key":         {method: post, body: `{"text":"a"}`, header: "Idempotency-Key: ", status: 422, code: "invalid_parameter", in: "header", field: "Idempotency-Key", fault: "too_short"},
		"longest key":       {method: post, body: `{"text":"a"}`, header: "Idempotency-Key: " + strings.Repeat("k", 255), status: 200},
		"limit":             {method: list, path: "/v1/things?limit=100", status: 200},
		"limit too high":    {method: list, path: "/v1/things?limit=101", status: 422, code: "invalid_parameter", in: "query", field: "limit", fault: "out_of_range"},
		"limit zero":        {method: list, path: "/v1/things?limit=0", status: 422, code: "invalid_parameter", in: "query", field: "limit", fault: "out_of_range"},
		"limit word":        {method: list, path: "/v1/things?limit=all", status: 422, code: "invalid_parameter", in: "query", field: "limit", fault: "wrong_type"},
		"limit overflow":    {method: list, path: "/v1/things?limit=18446744073709551617", status: 422, code: "invalid_parameter", in: "query", field: "limit", fault: "wrong_type"},
		"bool":              {method: list, path: "/v1/things?open=maybe", status: 422, code: "invalid_parameter", in: "query", field: "open", fault: "wrong_type"},
		"unknown parameter": {method: list, path: "/v1/things?page=2", status: 422, code: "invalid_parameter", in: "query", field: "page", fault: "unknown_parameter"},
		"repeated":          {method: list, path: "/v1/things?limit=1&limit=2", status: 422, code: "invalid_parameter", in: "query", field: "limit", fault: "repeated"},
		"broken escape":     {method: list, path: "/v1/things?limit=%zz", status: 422, code: "invalid_parameter", in: "query", field: "limit", fault: "wrong_format"},
		"query not UTF-8":   {method: list, path: "/v1/things?q=%ff", status: 422, code: "invalid_parameter", in: "query", field: "q", fault: "wrong_format"},
		"NUL in the query":  {method: list, path: "/v1/things?q=%00", status: 422, code: "invalid_parameter", in: "query", field: "q", fault: "wrong_format"},
		"DEL in the query":  {method: list, path: "/v1/things?q=%7f", status: 422, code: "invalid_parameter", in: "query", field: "q", fault: "wrong_format"},
		"NUL in the path":   {method: list, path: "/v1/failures/%00", status: 422, code: "invalid_parameter", in: "path", fault: "wrong_format"},
		"bad cursor":        {method: list, path: "/v1/things?cursor=abc", status: 422, code: "invalid_cursor", field: "cursor", fault: "invalid_cursor"},
		"unknown path":      {method: list, path: "/v1/nothing", status: 404, code: "no_such_route"},
		"slash at the end":  {method: list, path: "/v1/things/", status: 404, code: "no_such_route"},
		"wrong method":      {method: "DELETE", path: "/v1/things", status: 405, code: "method_not_allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.path == "" {
				test.path = thing
			}
			var headers []string
			if test.header != "" {
				headers = []string{test.header}
			}
			a := c.do(test.method, test.path, test.body, headers...)
			if a.StatusCode != test.status || a.Code != test.code {
				t.Fatalf("%d %s", a.StatusCode, a.text)
			}
			var want []httpapi.FieldError
			if test.fault != "" {
				want = []httpapi.FieldError{{In: test.in, Field: test.field, Code: test.fault}}
			}
			for i := range a.Errors {
				if a.Errors[i].Message == "" {
					t.Error("an error without a message")
				}
				a.Errors[i].Message = ""
			}
			if fmt.Sprint(a.Errors) != fmt.Sprint(want) {
				t.Errorf("errors %+v, want %+v in %s", a.Errors, want, a.text)
			}
			if test.status >= 400 && (a.Detail == "" || strings.Contains(a.text, "se%cret")) {
				t.Errorf("detail: %s", a.text)
			}
		})
	}
}

func TestProblemsStaySmall(t *testing.T) {
	c, _ := serve(t)
	var body strings.Builder
	body.WriteString(`{"text":"a"`)
	for i := range 1000 {
		fmt.Fprintf(&body, `,"%s%d":0`, strings.Repeat("é", 100), i)
	}
	a := c.do("POST", thing, body.String()+"}")
	if a.StatusCode != 422 || len(a.Errors) != 20 || len(a.text) > 8000 || strings.Contains(a.text, "\ufffd") {
		t.Errorf("%d with %d errors in %d bytes", a.StatusCode, len(a.Errors), len(a.text))
	}
}

func TestMethodNotAllowedNamesTheMethods(t *testing.T) {
	c, _ := serve(t)
	if allow := c.do("PUT", "/v1/things", "").Header.Get("Allow"); allow != "GET, HEAD" {
		t.Errorf("Allow: %q", allow)
	}
	if allow := c.do("OPTIONS", thing, "").Header.Get("Allow"); allow != "POST" {
		t.Errorf("Allow: %q", allow)
	}
}

// A body that ends early is the client's fault, not ours.
func TestBodyThatDoesNotArriveAsAnnounced(t *testing.T) {
	c, _ := serve(t)
	for name, test := range map[string]struct {
		head, body string
		status     int
		code       string
	}{
		"broken chunk": {"Transfer-Encoding: chunked", "zz\r\n", 400, "unreadable_body"},
		"large chunks": {"Transfer-Encoding: chunked", "200000\r\n" + strings.Repeat("x", 0x200000) + "\r\n0\r\n\r\n", 413, "body_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n%s", thing, c.token, test.head, test.body)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var text [200]byte
			n, _ := response.Body.Read(text[:])
			if response.StatusCode != test.status || !strings.Contains(string(text[:n]), `"`+test.code+`"`) {
				t.Errorf("%d %s", response.StatusCode, text[:n])
			}
		})
	}
}

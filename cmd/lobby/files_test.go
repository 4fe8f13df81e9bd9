package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// png is the least that looks like one.
var png = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 64)...)

// upload sends a file.
func (p *process) upload(token, key, name, kind string, content io.Reader) (status int, answer commandAnswer) {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodPost, p.base+"/v1/attachments?name="+url.QueryEscape(name), content)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, answer
}

// download asks for a file, with headers given in pairs.
func (p *process) download(token, id string, headers ...string) (*http.Response, []byte) {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodGet, p.base+"/v1/attachments/"+id, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response, body
}

// file uploads a file that is taken, and returns its id.
func (p *process) file(token, name string, content []byte) string {
	p.t.Helper()
	status, answer := p.upload(token, "", name, "", bytes.NewReader(content))
	if status != http.StatusCreated {
		p.t.Fatalf("%s: %d %s", name, status, answer.Code)
	}
	return answer.ID
}

func TestUploadsAreRefused(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data, "--max-file-bytes", "1000")
	_, tom := p.person(data, "tenant", "Tom")
	for _, test := range []struct {
		what, name, kind, content string
		status                    int
		code                      string
	}{
		{"as large as can be", "a.txt", "", strings.Repeat("a", 1000), 201, ""},
		{"larger by a byte", "a.txt", "", strings.Repeat("a", 1001), 413, "file_too_large"},
		{"empty", "a.txt", "", "", 422, "empty_file"},
		{"a path", "../../etc/passwd", "", "a", 422, "not_a_file_name"},
		{"a path of Windows", `..\a.txt`, "", "a", 422, "not_a_file_name"},
		{"a control character", "a\x07.txt", "", "a", 422, "invalid_parameter"},
		{"a line break", "a\r\nSet-Cookie: b", "", "a", 422, "invalid_parameter"},
		{"no name", "", "", "a", 422, "invalid_parameter"},
		{"a long name", strings.Repeat("語", 201), "", "a", 422, "not_a_file_name"},
		{"a name as long as can be", strings.Repeat("語", 200), "", "a", 201, ""},
		{"a type that lies", "a.png", "image/png", "<html><script>alert(1)</script></html>", 422, "type_mismatch"},
		{"a page that says it is text", "a.txt", "text/plain", "<!doctype html><html></html>", 422, "type_mismatch"},
		{"a type that is true", "a.png", "image/png", string(png), 201, ""},
	} {
		if status, answer := p.upload(tom, "", test.name, test.kind, strings.NewReader(test.content)); status != test.status || answer.Code != test.code {
			t.Errorf("%s: %d %s, want %d %s", test.what, status, answer.Code, test.status, test.code)
		}
	}
	t.Run("too large, without saying so before", func(t *testing.T) {
		if status, answer := p.upload(tom, "", "a.txt", "", io.MultiReader(strings.NewReader(strings.Repeat("a", 1001)))); status != 413 || answer.Code != "file_too_large" {
			t.Errorf("%d %s", status, answer.Code)
		}
	})
	if status, answer := p.upload("", "", "a.txt", "", strings.NewReader("a")); status != 401 || answer.Code != "invalid_token" {
		t.Errorf("without a token: %d %s", status, answer.Code)
	}
	t.Run("one key is one file", func(t *testing.T) {
		_, first := p.upload(tom, "k", "a.txt", "", strings.NewReader("one"))
		if _, again := p.upload(tom, "k", "a.txt", "", strings.NewReader("one")); again.ID != first.ID || again.Position != first.Position {
			t.Errorf("again: %+v, at first %+v", again, first)
		}
		for _, other := range [][2]string{{"a.txt", "two"}, {"b.txt", "one"}} {
			if status, answer := p.upload(tom, "k", other[0], "", strings.NewReader(other[1])); status != 422 || answer.Code != "idempotency_key_reused" {
				t.Errorf("%v: %d %s", other, status, answer.Code)
			}
		}
	})
}

func TestAFileIsServedAsWhatItIs(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data)
	_, lena := p.person(data, "landlord", "Lena")
	tomID, tom := p.person(data, "tenant", "Tom")
	channel := p.connect(lena, tom, tomID)
	send := func(files ...string) {
		p.must(tom, http.MethodPost, "/channels/"+channel+"/messages", fmt.Sprintf(`{"text":"","attachments":["%s"]}`, strings.Join(files, `","`)))
	}
	picture, page := p.file(tom, `Küche "neu"; x=1.png`, png), p.file(tom, "a.html", []byte("<!doctype html><html><script>alert(1)</script></html>"))
	send(picture, page)
	for id, want := range map[string][2]string{
		picture: {"image/png", "inline; filename*=utf-8''K%C3%BCche%20%22neu%22%3B%20x%3D1.png"},
		page:    {"text/html; charset=utf-8", "attachment; filename=a.html"},
	} {
		r, _ := p.download(lena, id)
		h := r.Header
		if r.StatusCode != 200 || h.Get("Content-Type") != want[0] || h.Get("Content-Disposition") != want[1] || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || h.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%d %v", r.StatusCode, h)
		}
		if again, body := p.download(lena, id, "If-None-Match", h.Get("ETag")); again.StatusCode != http.StatusNotModified || len(body) > 0 {
			t.Errorf("what the client has: %d", again.StatusCode)
		}
	}
	large := make([]byte, 3<<20)
	rand.NewChaCha8([32]byte{}).Read(large)
	id := p.file(tom, "large.bin", large)
	if r, _ := p.download(tom, id); r.StatusCode != http.StatusNotFound {
		t.Errorf("its owner gets it before it is attached: %d", r.StatusCode)
	}
	send(id)
	if r, body := p.download(lena, id); r.StatusCode != 200 || sha256.Sum256(body) != sha256.Sum256(large) {
		t.Errorf("%d, %d bytes of %d", r.StatusCode, len(body), len(large))
	}
	if r, body := p.download(lena, id, "Range", "bytes=1000000-1000009"); r.StatusCode != http.StatusPartialContent || !bytes.Equal(body, large[1000000:1000010]) {
		t.Errorf("a range: %d, % x", r.StatusCode, body)
	}
	if r, _ := p.download(lena, id, "Range", "bytes=9999999-"); r.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range beyond the end: %d", r.StatusCode)
	}
}

// P20: who loses the entry loses the file, with the next request.
func TestAFileGoesWithItsEntry(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data)
	_, lena := p.person(data, "landlord", "Lena")
	tomID, tom := p.person(data, "tenant", "Tom")
	paulID, paul := p.person(data, "service_pro", "Paul")
	_, eve := p.person(data, "tenant", "Eve")
	channel := p.connect(lena, tom, tomID)
	shop := p.connect(lena, paul, paulID)
	flat := uuid.NewString()
	lease := p.must(lena, http.MethodPost, "/connections/"+channel+"/leases", `{"property":"`+flat+`","property_name":"Flat","start":"2020-01-01","end":"2999-01-01"}`)
	gets := func(what, id string, who map[string]bool) {
		t.Helper()
		for name, token := range map[string]string{"Lena": lena, "Tom": tom, "Paul": paul, "Eve": eve} {
			r, _ := p.download(token, id)
			if want := who[name]; (r.StatusCode == http.StatusOK) != want || !want && r.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s gets %d", what, name, r.StatusCode)
			}
		}
	}
	type names = map[string]bool
	write := func(path, more, file string) commandAnswer {
		return p.must(tom, http.MethodPost, path, `{"text":"see here","attachments":["`+file+`"]`+more+`}`)
	}

	inMessage := p.file(tom, "a.txt", []byte("a"))
	message := write("/channels/"+channel+"/messages", "", inMessage)
	gets("a message", inMessage, names{"Lena": true, "Tom": true})
	if status, answer, _ := p.send(tom, "", http.MethodPost, "/channels/"+channel+"/messages", `{"text":"again","attachments":["`+inMessage+`"]}`); status != 409 || answer.Code != "already_bound" {
		t.Errorf("attached again: %d %s", status, answer.Code)
	}
	if status, answer, _ := p.send(lena, "", http.MethodPost, "/channels/"+channel+"/messages", `{"text":"mine","attachments":["`+inMessage+`"]}`); status != 404 || answer.Code != "attachment_not_found" {
		t.Errorf("attached by another: %d %s", status, answer.Code)
	}
	p.must(tom, http.MethodDelete, "/channels/"+channel+"/messages/"+message.ID, "")
	gets("a deleted message", inMessage, nil)

	inPost := p.file(lena, "rules.txt", []byte("rules"))
	post := p.must(lena, http.MethodPost, "/posts", `{"category":"notice","title":"Rules","body":"","audience":{"properties":["`+flat+`"]},"attachments":["`+inPost+`"]}`)
	inComment := p.file(tom, "c.txt", []byte("c"))
	comment := write("/posts/"+post.Stream+"/comments", "", inComment)
	gets("a post", inPost, names{"Lena": true, "Tom": true})
	gets("a comment", inComment, names{"Lena": true, "Tom": true})
	p.must(lena, http.MethodPost, "/posts/"+post.Stream+"/comments/"+comment.ID+"/remove", "")
	gets("a removed comment", inComment, nil)

	inRequest := p.file(tom, "drip.txt", []byte("d"))
	request := write("/maintenance-requests", `,"connection":"`+channel+`","property":"`+flat+`","title":"Tap"`, inRequest)
	gets("a request", inRequest, names{"Lena": true, "Tom": true})
	p.must(lena, http.MethodPut, "/maintenance-requests/"+request.Stream+"/shares/"+paulID.String(), `{}`)
	gets("a shared request", inRequest, names{"Lena": true, "Tom": true, "Paul": true})
	p.must(paul, http.MethodDelete, "/connections/"+shop, "")
	gets("a request of who disconnected", inRequest, names{"Lena": true, "Tom": true})

	p.must(lena, http.MethodDelete, "/connections/"+channel+"/leases/"+lease.ID, "")
	gets("a post after the lease", inPost, names{"Lena": true})
	p.must(lena, http.MethodDelete, "/posts/"+post.Stream, "")
	gets("a removed post", inPost, nil)
}

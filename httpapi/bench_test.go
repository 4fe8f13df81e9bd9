package httpapi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"lobby.example/httpapi"
)

// BenchmarkRequest measures what a request costs before and after its handler,
// beside huma alone on the same mux.
func BenchmarkRequest(b *testing.B) {
	path := filepath.Join(b.TempDir(), "key.pem")
	key, err := httpapi.OpenKey(path)
	if err != nil {
		b.Fatal(err)
	}
	tokens, err := httpapi.NewVerifier(b.Context(), httpapi.Trust{KeyFile: path})
	if err != nil {
		b.Fatal(err)
	}
	token, err := key.Mint(httpapi.Caller{Person: person}, time.Now(), time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	plain := humago.New(mux, huma.Config{OpenAPI: &huma.OpenAPI{}, Formats: huma.DefaultFormats})
	huma.Register(plain, huma.Operation{OperationID: "ChangeThing", Method: "POST", Path: "/v1/things/{thing}"},
		func(_ context.Context, in *changeThing) (*changed, error) {
			out := &changed{}
			out.Body.Text = in.Body.Text
			return out, nil
		})
	huma.Register(plain, huma.Operation{OperationID: "ListThings", Method: "GET", Path: "/v1/things"},
		func(_ context.Context, in *listThings) (*things, error) {
			out := &things{}
			out.Body.Limit = in.Limit
			return out, nil
		})
	body := `{"text":"` + strings.Repeat("x", 300-len(`{"text":"","kind":"job","tags":["a"]}`)) + `","kind":"job","tags":["a"]}`
	for _, test := range []struct{ name, method, path, body string }{
		{"GET", "GET", "/v1/things?limit=20", ""},
		{"POST300", "POST", thing, body},
	} {
		for _, server := range []struct {
			name    string
			handler http.Handler
		}{{"huma", mux}, {"lobby", newAPI(tokens, io.Discard).Handler()}} {
			b.Run(test.name+"/"+server.name, func(b *testing.B) {
				b.ReportAllocs()
				reader := strings.NewReader(test.body)
				w := &discard{header: http.Header{}}
				r := httptest.NewRequest(test.method, test.path, nil)
				r.Header.Set("Authorization", "Bearer "+token)
				r.Header.Set("Idempotency-Key", "0198c0de-0000-7000-8000-000000000001")
				for b.Loop() {
					reader.Reset(test.body)
					r.Body = http.NoBody
					if test.body != "" {
						r.Body = io.NopCloser(reader)
					}
					clear(w.header)
					server.handler.ServeHTTP(w, r)
					if w.status != http.StatusOK {
						b.Fatal(w.status)
					}
				}
			})
		}
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

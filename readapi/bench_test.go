package readapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/scenario"
	"lobby.example/readmodel/readmodeltest/engines"
)

// BenchmarkReads asks as a landlord with a hundred channels of a hundred messages
// each, every third of them unseen: from memory, and from the model.
func BenchmarkReads(b *testing.B) {
	engines.EachBenchmark(b, func(b *testing.B) {
		dir := b.TempDir()
		s := newSite(b, dir, options{}).serving()
		s.register("Anna", "Anna")
		var work sync.WaitGroup
		for i := range 100 {
			work.Go(func() {
				other := fmt.Sprint("Tenant ", i)
				s.register(other, other)
				channel := s.connect("Anna", other)
				var seen []uuid.UUID
				for n := range 100 {
					if id := s.send(other, "Anna", "The plumber comes on Monday, can you be there at ten o'clock?"); n%3 > 0 {
						seen = append(seen, id)
					}
				}
				s.done("Anna", "POST", "/v1/channels/"+channel+"/seen", map[string]any{"entries": seen})
			})
		}
		work.Wait()
		s.get("Anna", "/v1/me?"+s.after())
		engines.Settle(b, filepath.Join(dir, "models"))
		token := s.token(scenario.ID("Anna"), false)
		for _, route := range []struct{ name, path string }{
			{"Me", "/v1/me"}, {"UnreadCounts", "/v1/unread"}, {"Inbox", "/v1/inbox"},
			{"ChannelMessages", "/v1/channels/" + channelOf("Anna", "Tenant 50") + "/messages"},
			{"Channel", "/v1/channels/" + channelOf("Anna", "Tenant 50")},
			{"SearchContacts", "/v1/contacts?name=ten"},
		} {
			if a := s.get("Anna", route.path); a.Status != 200 {
				b.Fatal(a)
			}
			for name, handler := range map[string]http.Handler{"memory": s.handler, "model": s.fresh} {
				b.Run(route.name+"/"+name, func(b *testing.B) {
					r := httptest.NewRequest("GET", route.path, nil)
					r.Header.Set("Authorization", "Bearer "+token)
					b.ReportAllocs()
					for b.Loop() {
						if name == "model" {
							s.forget()
						}
						w := discard{http.Header{}}
						handler.ServeHTTP(w, r)
					}
				})
			}
		}
	})
}

// discard is a ResponseWriter without the cost of one.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

package commands

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/attachment"
	"lobby.example/eventlog"
)

var errKilled = errors.New("killed")

// killed is a process that dies when the entry is to be written, its files bound.
func (h *house) killed() *api {
	log := &tampered{Log: h.log, before: func(stream string, _ eventlog.Revision) error {
		if !strings.HasPrefix(stream, "attachment-") {
			return errKilled
		}
		return nil
	}}
	return newAPI(h, h.service(log, nil))
}

// TestAReservationLapses: the entry that a file was bound to never came.
func TestAReservationLapses(t *testing.T) {
	eachAttachRoute(t, func(t *testing.T, h *house, a *api, route attachRoute) {
		files := []uuid.UUID{h.upload(route.caller), h.upload(route.caller)}
		bound := h.now()
		if got := route.send(h.killed(), files); got.status != http.StatusInternalServerError {
			t.Fatal(got.text)
		}
		reserved := h.binding(files[0])
		if reserved.Entry == uuid.Nil || h.binding(files[1]).Entry != reserved.Entry {
			t.Fatalf("bound to %+v", reserved)
		}
		for _, later := range []time.Duration{0, time.Minute, attachment.Lapse} {
			h.set(bound.Add(later))
			head := h.head()
			if got := route.send(a, files); got.status != http.StatusConflict || got.Code != "already_bound" || h.head() != head {
				t.Errorf("%s later: %d %s", later, got.status, got.text)
			}
		}
		h.set(bound.Add(attachment.Lapse + time.Microsecond))
		got := route.send(a, files)
		if got.status != http.StatusCreated {
			t.Fatalf("after the lapse: %d %s", got.status, got.text)
		}
		for _, file := range files {
			if now := h.binding(file); now.Entry == reserved.Entry || now.Stream != got.Stream {
				t.Errorf("bound to %+v, before to %+v", now, reserved)
			}
		}
		// Which came, so that it stays.
		h.set(bound.Add(24 * time.Hour))
		if got := route.send(a, files); got.Code != "already_bound" {
			t.Errorf("bound once more: %d %s", got.status, got.text)
		}
	})
}

// TestARetryTakesUpItsReservation: the client repeats the request under its key,
// at once, or when the reservation has lapsed and is renewed.
func TestARetryTakesUpItsReservation(t *testing.T) {
	for name, later := range map[string]time.Duration{"at once": 0, "when it lapses": attachment.Lapse, "when it has lapsed": attachment.Lapse + time.Microsecond, "an hour later": time.Hour} {
		t.Run(name, func(t *testing.T) {
			eachAttachRoute(t, func(t *testing.T, h *house, a *api, route attachRoute) {
				file, key := h.upload(route.caller), []string{"Idempotency-Key", "k"}
				killed := h.now()
				if got := route.send(h.killed(), []uuid.UUID{file}, key...); got.status != http.StatusInternalServerError {
					t.Fatal(got.text)
				}
				reserved := h.binding(file)
				h.set(killed.Add(later))
				got := route.send(a, []uuid.UUID{file}, key...)
				if got.status != http.StatusCreated {
					t.Fatalf("%d %s", got.status, got.text)
				}
				bound := h.binding(file)
				want := 1
				if later > attachment.Lapse {
					want = 2
				}
				if n := h.count(attachment.Stream(file), "attachment_bound"); n != want || !bound.In(reserved.Stream, reserved.Entry) || bound.Stream != got.Stream {
					t.Errorf("bound %d times, to %+v, before to %+v", n, bound, reserved)
				}
				if again := route.send(a, []uuid.UUID{file}, key...); again.text != got.text {
					t.Errorf("retried: %s, want %s", again.text, got.text)
				}
				// An id is what tells one event from another.
				ids := map[uuid.UUID]bool{}
				for _, e := range h.all() {
					if ids[e.ID] {
						t.Errorf("two events have the id of %s", e.Data)
					}
					ids[e.ID] = true
				}
			})
		})
	}
}

// TestAnEntryThatCameKeepsItsFiles, also when its writer never heard of it, when
// many others came after it, and when it is gone since: the system removes those.
func TestAnEntryThatCameKeepsItsFiles(t *testing.T) {
	eachAttachRoute(t, func(t *testing.T, h *house, a *api, route attachRoute) {
		file := h.upload(route.caller)
		died := false
		log := &tampered{Log: h.log, after: func(stream string, _ eventlog.Revision) error {
			if died = died || !strings.HasPrefix(stream, "attachment-"); died {
				return errKilled
			}
			return nil
		}}
		written := h.now()
		if got := route.send(newAPI(h, h.service(log, nil)), []uuid.UUID{file}, "Idempotency-Key", "k"); got.status != http.StatusInternalServerError && got.status != http.StatusCreated {
			t.Fatal(got.text)
		}
		bound := h.binding(file)
		for _, more := range []string{"", "more"} {
			if more != "" && route.kind != "post_published" {
				if got := a.do(as(route.caller), "POST", route.path, strings.Replace(route.body, `"text":""`, `"text":"more"`, 1)); got.status != http.StatusCreated {
					t.Fatal(got.text)
				}
			}
			h.set(written.Add(2 * attachment.Lapse))
			head := h.head()
			if got := route.send(a, []uuid.UUID{file}); got.Code != "already_bound" || h.head() != head || !h.binding(file).Is(bound) {
				t.Errorf("%d %s", got.status, got.text)
			}
		}
		var gone answer
		entry := bound.Entry.String()
		switch route.kind {
		case "post_published":
			gone = a.do(as(lena), "DELETE", "/v1/posts/"+bound.Stream, "")
		case "comment_added":
			gone = a.do(as(tom), "DELETE", "/v1/posts/"+bound.Stream+"/comments/"+entry, "")
		default:
			gone = a.do(as(route.caller), "DELETE", "/v1/channels/"+bound.Stream+"/messages/"+entry, "")
		}
		if gone.Events != 1 {
			t.Fatal(gone.text)
		}
		h.set(written.Add(time.Hour))
		if got := route.send(a, []uuid.UUID{file}); got.Code != "already_bound" || !h.binding(file).Is(bound) {
			t.Errorf("after it was deleted: %d %s", got.status, got.text)
		}
	})
}

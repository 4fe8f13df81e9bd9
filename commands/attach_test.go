package commands

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/attachment"
)

// TestFilesAreBoundBeforeTheEntry that names them is written.
func TestFilesAreBoundBeforeTheEntry(t *testing.T) {
	eachAttachRoute(t, func(t *testing.T, h *house, a *api, route attachRoute) {
		files := make([]uuid.UUID, 10)
		for i := range files {
			files[i] = h.upload(route.caller)
		}
		got := route.send(a, files)
		if got.status != http.StatusCreated {
			t.Fatal(got.text)
		}
		events := h.all()
		last := events[len(events)-1]
		var entry struct {
			Post, Comment, Message uuid.UUID
			Attachments            []uuid.UUID
		}
		if err := json.Unmarshal(last.Data, &entry); err != nil {
			t.Fatal(err)
		}
		if last.Kind != route.kind || last.Stream != got.Stream || !slices.Equal(entry.Attachments, files) {
			t.Fatalf("wrote %s %s", last.Kind, last.Data)
		}
		id := entry.Message
		switch route.kind {
		case "post_published":
			id = entry.Post
		case "comment_added":
			id = entry.Comment
		}
		for _, file := range files {
			if got, want := h.binding(file), (attachment.Binding{Stream: last.Stream, Entry: id, At: domain.MomentOf(h.now())}); !got.Is(want) {
				t.Errorf("bound to %+v, want %+v", got, want)
			}
			if n := len(h.stream(attachment.Stream(file))); n != 2 {
				t.Errorf("%d events of a file, want 2", n)
			}
		}
	})
}

// TestPlatformAttachesFilesOfTheLandlord for whom it acts, and none of its own.
func TestPlatformAttachesFilesOfTheLandlord(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.Service)
	route := attachRoute{path: "/v1/posts?landlord=" + lena.String(), body: noticeBody}
	if got := a.do(host, "POST", route.path, route.with(h.upload(lena))); got.status != http.StatusCreated {
		t.Error(got.text)
	}
	if got := a.do(host, "POST", route.path, route.with(h.upload(platform))); got.Code != "attachment_not_found" {
		t.Error(got.text)
	}
}

// TestARefusedCommandBindsNothing, whatever it is refused for: the files are free
// for the request that the caller sends instead.
func TestARefusedCommandBindsNothing(t *testing.T) {
	eachAttachRoute(t, func(t *testing.T, h *house, a *api, route attachRoute) {
		mine, taken, others, gone := h.upload(route.caller), h.upload(route.caller), h.upload(pia), h.upload(route.caller)
		if got := route.send(a, []uuid.UUID{taken}); got.status != http.StatusCreated {
			t.Fatal(got.text)
		}
		h.must(h.attachments.Execute(t.Context(), attachment.Remove{Attachment: gone, Reason: attachment.NeverBound}, h.request(System)))
		eleven := []uuid.UUID{mine}
		for range 10 {
			eleven = append(eleven, h.upload(route.caller))
		}
		head := h.head()
		for code, files := range map[string][]uuid.UUID{
			"invalid_request":               eleven,
			"attached_twice":                {mine, mine},
			"already_bound":                 {mine, taken},
			"attachment_not_found":          {mine, uuid.New()},
			"attachment_not_found, other's": {mine, others},
			"attachment_not_found, removed": {mine, gone},
			"attachment_not_found, zero":    {mine, uuid.Nil},
		} {
			want, _, _ := strings.Cut(code, ",")
			if got := route.send(a, files); got.Code != want || len(got.Errors) != 1 || got.Errors[0].Field != "attachments" {
				t.Errorf("%s: %d %s", code, got.status, got.text)
			}
			if h.head() != head {
				t.Errorf("%s: something was written", code)
				head = h.head()
			}
		}
		long := route
		long.body = strings.Replace(strings.Replace(route.body, `"text":""`, `"text":"`+strings.Repeat("x", 10_001)+`"`, 1), `"body":""`, `"body":"`+strings.Repeat("x", 20_001)+`"`, 1)
		if got := long.send(a, []uuid.UUID{mine}); got.Code != "too_long" || h.head() != head {
			t.Errorf("too long: %d %s", got.status, got.text)
		}
		stranger := route
		stranger.caller = otto
		if got := stranger.send(a, []uuid.UUID{h.upload(otto)}); got.status != http.StatusNotFound && got.status != http.StatusForbidden {
			t.Errorf("a stranger: %d %s", got.status, got.text)
		}
		if got := route.send(a, []uuid.UUID{mine}); got.status != http.StatusCreated {
			t.Errorf("sent right at last: %d %s", got.status, got.text)
		}
	})
}

// TestARetryBindsNothingMore, from whatever process, and neither does another
// request under the key.
func TestARetryBindsNothingMore(t *testing.T) {
	eachAttachRoute(t, func(t *testing.T, h *house, a *api, route attachRoute) {
		files := []uuid.UUID{h.upload(route.caller), h.upload(route.caller)}
		free := h.upload(route.caller)
		first := route.send(a, files, "Idempotency-Key", "k")
		if first.status != http.StatusCreated {
			t.Fatal(first.text)
		}
		start, head := h.now(), h.head()
		for _, later := range []time.Duration{0, 2 * attachment.Lapse, 13 * time.Hour, window} { // 13 hours later is another day
			h.set(start.Add(later))
			for process, a := range map[string]*api{"the same": a, "a new": newAPI(h, h.service(h.log, nil))} {
				if again := route.send(a, files, "Idempotency-Key", "k"); again.text != first.text {
					t.Errorf("%s later, %s process: %s, want %s", later, process, again.text, first.text)
				}
				if other := route.send(a, []uuid.UUID{free}, "Idempotency-Key", "k"); other.Code != "idempotency_key_reused" {
					t.Errorf("%s later, %s process, another file: %s", later, process, other.text)
				}
			}
		}
		if h.head() != head {
			t.Error("a retry wrote something")
		}
	})
}

// TestAFileBelongsToOneEntry, also where several are written with it at once, and
// in several processes.
func TestAFileBelongsToOneEntry(t *testing.T) {
	eachAttachRoute(t, func(t *testing.T, h *house, a *api, route attachRoute) {
		apis := []*api{a, newAPI(h, h.service(h.log, nil))}
		for round := range 10 {
			file := h.upload(route.caller)
			apis[0].token(as(route.caller))
			apis[1].token(as(route.caller))
			answers := make([]answer, 8)
			var all sync.WaitGroup
			for i := range answers {
				all.Go(func() {
					answers[i] = route.send(apis[i%2], []uuid.UUID{file}, "Idempotency-Key", fmt.Sprint(round, i))
				})
			}
			all.Wait()
			won := 0
			for _, got := range answers {
				switch {
				case got.status == http.StatusCreated:
					won++
				case got.status != http.StatusConflict || got.Code != "already_bound":
					t.Errorf("answered %d %s", got.status, got.text)
				}
			}
			names := 0
			for _, e := range h.all() {
				if e.Kind == route.kind && strings.Contains(string(e.Data), file.String()) {
					names++
				}
			}
			if won != 1 || names != 1 {
				t.Errorf("%d entries were answered, %d name the file", won, names)
			}
		}
	})
}

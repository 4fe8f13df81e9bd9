package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/blobs"
)

// A crash between the bytes and their event, or between the reservation and the
// entry, leaves nothing that is served, and the sweep finds what is left.
func TestTheSweepTakesWhatNothingRefersTo(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data)
	_, lena := p.person(data, "landlord", "Lena")
	tomID, tom := p.person(data, "tenant", "Tom")
	channel := p.connect(lena, tom, tomID)
	kept, deleted, forgotten := p.file(tom, "kept.txt", []byte("k")), p.file(tom, "deleted.txt", []byte("d")), p.file(tom, "forgotten.txt", []byte("f"))
	var message commandAnswer
	for _, file := range []string{kept, deleted} {
		message = p.must(tom, http.MethodPost, "/channels/"+channel+"/messages", `{"text":"","attachments":["`+file+`"]}`)
	}
	p.must(tom, http.MethodDelete, "/channels/"+channel+"/messages/"+message.ID, "")
	p.signal(syscall.SIGKILL)

	q, err := openProgram(t.Context(), settings{data: data, logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	orphan := uuid.New()
	if _, err := q.files.Put(t.Context(), orphan, strings.NewReader("nobody knows"), 100); err != nil {
		t.Fatal(err)
	}
	there := func(now string, want ...string) {
		t.Helper()
		for name, id := range map[string]string{"kept": kept, "deleted": deleted, "forgotten": forgotten, "orphan": orphan.String()} {
			r, err := q.files.Get(t.Context(), uuid.MustParse(id))
			if err == nil {
				r.Close()
			}
			if got, wanted := err == nil, strings.Contains(strings.Join(want, " "), name); got != wanted || err != nil && err != blobs.ErrNotFound {
				t.Errorf("%s: %s is there: %t, %v", now, name, got, err)
			}
		}
	}
	sweep := func(days int) {
		t.Helper()
		head, err := q.log.Head(t.Context())
		if err == nil {
			err = q.model.Wait(t.Context(), head)
		}
		if err == nil {
			err = q.sweepFilesOnce(t.Context(), time.Now().AddDate(0, 0, days))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	there("before", "kept", "deleted", "forgotten", "orphan")
	sweep(0) // too early for all but the deleted one, which is not a minute old
	there("at once", "kept", "deleted", "forgotten", "orphan")
	sweep(2)
	there("two days later", "kept")
	sweep(3)
	there("three days later", "kept")
}

// Killed at any point under load, the program has the bytes of every file that an
// entry names, and every file that it said it has.
func TestFilesSurviveKills(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data)
	_, lena := p.person(data, "landlord", "Lena")
	tomID, tom := p.person(data, "tenant", "Tom")
	channel := p.connect(lena, tom, tomID)
	path := "/channels/" + channel + "/messages"
	var mu sync.Mutex
	attached := map[string][]byte{} // acknowledged, by id
	for round := range 10 {
		enough := make(chan struct{}, 1000)
		var clients sync.WaitGroup
		for client := range 6 {
			clients.Go(func() {
				for n := 0; ; n++ {
					content := bytes.Repeat(fmt.Appendf(nil, "%d of %d in %d. ", n, client, round), 1000)
					id, ok := p.tryUpload(tom, content)
					if !ok {
						return
					}
					status, _, err := p.send(tom, "", http.MethodPost, path, `{"text":"","attachments":["`+id+`"]}`)
					if err != nil {
						return
					}
					if status != http.StatusCreated {
						t.Errorf("attached: %d", status)
						return
					}
					mu.Lock()
					attached[id] = content
					mu.Unlock()
					enough <- struct{}{}
				}
			})
		}
		for range 20 + round {
			<-enough
		}
		p.signal(syscall.SIGKILL)
		clients.Wait()
		p = serve(t, data)
	}
	for id, content := range attached {
		if r, body := p.download(lena, id); r.StatusCode != http.StatusOK || !bytes.Equal(body, content) {
			t.Fatalf("%s: %d, %d bytes", id, r.StatusCode, len(body))
		}
	}
	named := 0
	for cursor := ""; ; {
		var page struct {
			Messages   []struct{ Attachments []struct{ Attachment string } }
			NextCursor string `json:"next_cursor"`
		}
		if status := p.get(lena, "/v1"+path+"?limit=100"+cursor, &page); status != http.StatusOK {
			t.Fatal(status)
		}
		for _, m := range page.Messages {
			for _, a := range m.Attachments {
				named++
				if r, _ := p.download(lena, a.Attachment); r.StatusCode != http.StatusOK {
					t.Fatalf("a message names %s: %d", a.Attachment, r.StatusCode)
				}
			}
		}
		if page.NextCursor == "" {
			break
		}
		cursor = "&cursor=" + page.NextCursor
	}
	if named < len(attached) {
		t.Errorf("%d files are named by messages, %d were acknowledged", named, len(attached))
	}
}

// tryUpload reports whether the server answered that it has the file.
func (p *process) tryUpload(token string, content []byte) (id string, ok bool) {
	request, err := http.NewRequest(http.MethodPost, p.base+"/v1/attachments?name=a.txt", bytes.NewReader(content))
	if err != nil {
		return "", false
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := p.client.Do(request)
	if err != nil {
		return "", false
	}
	defer response.Body.Close()
	var answer commandAnswer
	err = json.NewDecoder(response.Body).Decode(&answer)
	return answer.ID, err == nil && response.StatusCode == http.StatusCreated
}

package commands

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// TestRefusedWhatBeginsAStreamIsDecidedAgain: a refusal is not kept under the key.
func TestRefusedWhatBeginsAStreamIsDecidedAgain(t *testing.T) {
	h := newHouse(t)
	h.set(day)
	a := newAPI(h, h.Service)
	send := func() answer {
		return a.do(as(tom), "POST", "/v1/maintenance-requests", leakBody, "Idempotency-Key", "k")
	}
	if got := send(); got.Code != "no_active_lease" {
		t.Fatal(got.text)
	}
	lease := h.lease(tom)
	first := send()
	if first.Events != 2 {
		t.Fatalf("not decided again: %s", first.text)
	}
	h.endTheLease(tom, lease) // what was submitted stays so
	h.set(day.Add(time.Hour))
	if got := send(); got.text != first.text {
		t.Errorf("retried after the lease: %s, want %s", got.text, first.text)
	}
	var m domain.Metadata
	if err := json.Unmarshal(h.stream(first.Stream)[1].Metadata, &m); err != nil || m.Actor != tom || m.Content == "" {
		t.Errorf("metadata %+v, %v", m, err)
	}
}

// TestRetryAfterItWasForbidden: who may not write any more is still told what
// became of what they wrote.
func TestRetryAfterItWasForbidden(t *testing.T) {
	h := newHouse(t)
	lease := h.lease(tom)
	h.connect(lena, pia)
	a := newAPI(h, h.Service)
	notice, leak := a.posted(), a.submitted()
	a.do(as(lena), "PUT", "/v1/maintenance-requests/"+leak+"/shares/"+pia.String(), `{}`)
	send := func(caller uuid.UUID, path string) answer {
		return a.do(as(caller), "POST", path, `{"text":"a"}`, "Idempotency-Key", "k")
	}
	comment, message := send(tom, "/v1/posts/"+notice+"/comments"), send(pia, "/v1/channels/"+leak+"/messages")
	h.endTheLease(tom, lease)
	a.do(as(lena), "DELETE", "/v1/maintenance-requests/"+leak+"/shares/"+pia.String(), "")
	if got := send(tom, "/v1/posts/"+notice+"/comments"); got.text != comment.text || got.Events != 1 {
		t.Errorf("comment: %s, want %s", got.text, comment.text)
	}
	if got := send(pia, "/v1/channels/"+leak+"/messages"); got.text != message.text || got.Events != 1 {
		t.Errorf("message: %s, want %s", got.text, message.text)
	}
}

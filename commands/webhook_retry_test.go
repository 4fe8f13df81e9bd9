package commands

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/domain/webhook"
	"lobby.example/eventlog"
)

// A retry is answered byte for byte as the first time, also after midnight, in
// another process and when the target is gone; and another secret is another request.
func TestARetryOnWebhooksBringsTheSameSecret(t *testing.T) {
	h := newHouse(t)
	night := time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC)
	h.set(night)
	one, two := newAPI(h, h.Service), newAPI(h, h.service(h.log, nil))
	const key = "Idempotency-Key"
	url := receiver(t)
	first := one.do(host, "POST", "/v1/webhooks", hookBody(url, firstSecret), key, "k")
	if first.status != http.StatusCreated || first.ID == nil {
		t.Fatal(first.text)
	}
	rotate := "/v1/webhooks/" + first.ID.String() + "/secret"
	rotated := one.do(host, "PUT", rotate, secretBody(secondSecret), key, "k")
	if rotated.Events != 1 {
		t.Fatal(rotated.text)
	}
	for _, later := range []time.Duration{0, 2 * time.Minute, window} {
		h.set(night.Add(later))
		for _, a := range []*api{one, two} {
			if again := a.do(host, "POST", "/v1/webhooks", hookBody(url, firstSecret), key, "k"); again.text != first.text || again.status != first.status {
				t.Errorf("%s later created %d %s, want %s", later, again.status, again.text, first.text)
			}
			if again := a.do(host, "PUT", rotate, secretBody(secondSecret), key, "k"); again.text != rotated.text {
				t.Errorf("%s later rotated %d %s, want %s", later, again.status, again.text, rotated.text)
			}
			a.refuse(t, []refusal{
				{"create with another secret", host, "POST", "/v1/webhooks", hookBody(url, thirdSecret), key + ": k", 422, "idempotency_key_reused", key, "idempotency_key_reused"},
				{"create with another target", host, "POST", "/v1/webhooks", hookBody(url+"/other", firstSecret), key + ": k", 422, "idempotency_key_reused", key, "idempotency_key_reused"},
				{"rotate to another secret", host, "PUT", rotate, secretBody(thirdSecret), key + ": k", 422, "idempotency_key_reused", key, "idempotency_key_reused"},
			})
		}
	}
	if h.reached != 1 || len(h.secrets) != 2 {
		t.Errorf("reached %d times, and %d secrets are kept", h.reached, len(h.secrets))
	}
	// What has ended gets no secret again, by however late a retry.
	one.do(host, "DELETE", "/v1/webhooks/"+first.ID.String(), "")
	clear(h.secrets)
	if again := one.do(host, "PUT", rotate, secretBody(secondSecret), key, "k"); again.text != rotated.text || len(h.secrets) > 0 {
		t.Errorf("after the end rotated %s, and %d secrets are kept", again.text, len(h.secrets))
	}
}

// TestTwinsOnWebhooks sends one request many times at once, to two processes, half
// of them with another secret: one of the two is kept, and the other refused.
func TestTwinsOnWebhooks(t *testing.T) {
	h := newHouse(t)
	processes := []*api{newAPI(h, h.Service), newAPI(h, h.service(h.log, nil))}
	for _, a := range processes {
		a.token(host)
	}
	url := receiver(t)
	answers := make(chan answer)
	for i := range 40 {
		go func() {
			secret := []string{firstSecret, secondSecret}[i/2%2]
			answers <- processes[i%2].do(host, "POST", "/v1/webhooks", hookBody(url, secret), "Idempotency-Key", "k")
		}()
	}
	different := map[string]int{}
	var id uuid.UUID
	for range 40 {
		got := <-answers
		different[got.Code+got.Stream]++
		if got.ID != nil {
			id = *got.ID
		}
	}
	if want := map[string]int{"idempotency_key_reused": 20, webhook.Stream(id): 20}; !cmp.Equal(different, want) {
		t.Errorf("answered %v, want %v", different, want)
	}
	if n := len(h.stream(webhook.Stream(id))); n != 1 || len(h.secrets) != 1 || len(h.signing(id)) != 1 {
		t.Errorf("%d events, secrets %v", n, h.secrets)
	}
}

// What an earlier request left behind is looked for, then another process executes
// it while this one reaches for the target, which may be gone by then.
func TestTheTwinOfAWebhookComesBetween(t *testing.T) {
	for _, gone := range []bool{false, true} {
		for _, secret := range []string{firstSecret, secondSecret} {
			h := newHouse(t)
			one, two := newAPI(h, h.Service), newAPI(h, h.service(h.log, nil))
			program := httptest.NewServer(http.NotFoundHandler())
			defer program.Close()
			send := func(a *api, secret string) answer {
				return a.do(host, "POST", "/v1/webhooks", hookBody(program.URL, secret), "Idempotency-Key", "k")
			}
			var first answer
			h.beside = func() {
				first = send(one, firstSecret)
				if gone {
					program.Close()
				}
			}
			second := send(two, secret)
			if secret == firstSecret && (first.status != http.StatusCreated || second.text != first.text) || secret != firstSecret && second.Code != "idempotency_key_reused" {
				t.Errorf("gone: %t, answered %s and %s", gone, first.text, second.text)
			}
			if len(h.secrets) != 1 || !slices.Equal(h.signing(*first.ID), []string{firstSecret}) {
				t.Errorf("gone: %t, secrets %v", gone, h.secrets)
			}
		}
	}
}

// A crash between the secret and the event leaves a secret that signs nothing, and
// a retry goes on with it.
func TestASecretIsKeptBeforeTheEvent(t *testing.T) {
	h := newHouse(t)
	crash := errors.New("the process is gone")
	crashed := newAPI(h, h.service(&tampered{Log: h.log, before: func(string, eventlog.Revision) error {
		if len(h.secrets) != 1 {
			t.Error("the secret is not kept yet")
		}
		return crash
	}}, nil))
	url := receiver(t)
	if got := crashed.do(host, "POST", "/v1/webhooks", hookBody(url, firstSecret), "Idempotency-Key", "k"); got.status != http.StatusInternalServerError {
		t.Fatal(got.text)
	}
	a := newAPI(h, h.Service)
	got := a.do(host, "POST", "/v1/webhooks", hookBody(url, firstSecret), "Idempotency-Key", "k")
	if got.ID == nil || len(h.secrets) != 1 || !slices.Equal(h.signing(*got.ID), []string{firstSecret}) {
		t.Errorf("the retry is answered %s, and %d secrets are kept", got.text, len(h.secrets))
	}
}

package commands

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/webhook"
)

func TestEveryOperationOnWebhooks(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.Service)
	create := hookBody(receiver(t), firstSecret)
	a.walk([]step{
		{caller: host, method: "POST", path: "/v1/webhooks", body: create, status: 201, stream: "webhook-HOOK", kind: "webhook_created", made: "HOOK"},
		{caller: host, method: "PUT", path: "/v1/webhooks/HOOK/secret", body: secretBody(secondSecret), stream: "webhook-HOOK", kind: "webhook_secret_rotated"},
		{caller: host, method: "PUT", path: "/v1/webhooks/HOOK/secret", body: secretBody(thirdSecret), stream: "webhook-HOOK", kind: "webhook_secret_rotated"},
		{caller: host, method: "DELETE", path: "/v1/webhooks/HOOK", stream: "webhook-HOOK", kind: "webhook_ended"},
		{caller: host, method: "DELETE", path: "/v1/webhooks/HOOK", stream: "webhook-HOOK"},
		{caller: host, method: "PUT", path: "/v1/webhooks/HOOK/secret", body: secretBody(firstSecret), status: 409},
		{caller: host, method: "POST", path: "/v1/webhooks", body: create, status: 201, stream: "webhook-HOOK", kind: "webhook_created", made: "HOOK"},
	})
}

func TestARotatedSecretSignsBesideTheOneBefore(t *testing.T) {
	h := newHouse(t)
	h.set(day)
	a := newAPI(h, h.Service)
	id := a.hooked(receiver(t))
	signs := func(want ...string) {
		t.Helper()
		if got := h.signing(id); !slices.Equal(got, want) {
			t.Errorf("signed with %q, want %q", got, want)
		}
	}
	signs(firstSecret)
	if got := a.do(host, "PUT", "/v1/webhooks/"+id.String()+"/secret", secretBody(secondSecret)); got.Events != 1 {
		t.Fatal(got.text)
	}
	signs(secondSecret, firstSecret)
	h.set(day.Add(webhook.Overlap))
	signs(secondSecret)
}

func TestRefusalsOfWebhooks(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.Service)
	url := receiver(t)
	id := a.hooked(url).String()
	ended := a.hooked(url).String()
	a.do(host, "DELETE", "/v1/webhooks/"+ended, "")
	never := uuid.NewString()
	const hooks = "/v1/webhooks"
	body := func(url, kinds, secret string) string {
		return `{"url":"` + url + `","kinds":` + kinds + `,"secret":"` + secret + `"}`
	}
	const kinds = `["message_sent"]`
	kept := len(h.secrets)
	a.refuse(t, []refusal{
		{"create by a person", as(lena), "POST", hooks, hookBody(url, firstSecret), "", 403, "platform_only", "", ""},
		{"rotate by a person", as(lena), "PUT", hooks + "/" + id + "/secret", secretBody(secondSecret), "", 403, "platform_only", "", ""},
		{"delete by a person", as(lena), "DELETE", hooks + "/" + id, "", "", 403, "platform_only", "", ""},
		{"delete what never was by a person", as(lena), "DELETE", hooks + "/" + never, "", "", 403, "platform_only", "", ""},
		{"no URL", host, "POST", hooks, body("books.example.org", kinds, firstSecret), "", 422, "not_a_webhook_url", "url", "not_a_webhook_url"},
		{"another scheme", host, "POST", hooks, body("ftp://books.example.org/", kinds, firstSecret), "", 422, "not_a_webhook_url", "url", "not_a_webhook_url"},
		{"a URL with a password", host, "POST", hooks, body("https://a:b@books.example.org/", kinds, firstSecret), "", 422, "not_a_webhook_url", "url", "not_a_webhook_url"},
		{"a URL with a second line", host, "POST", hooks, body(url+`\r\nX: y`, kinds, firstSecret), "", 422, "not_a_webhook_url", "url", "not_a_webhook_url"},
		{"a target that nobody listens at", host, "POST", hooks, body("http://127.0.0.1:1/", kinds, firstSecret), "", 422, "target_unreachable", "url", "target_unreachable"},
		{"no kind", host, "POST", hooks, body(url, `[]`, firstSecret), "", 422, "kinds_count", "kinds", "kinds_count"},
		{"kinds that are null", host, "POST", hooks, body(url, `null`, firstSecret), "", 422, "invalid_request", "kinds", "wrong_type"},
		{"an unknown kind", host, "POST", hooks, body(url, `["message_sent","lamp_lit"]`, firstSecret), "", 422, "unknown_kind", "kinds", "unknown_kind"},
		{"a kind twice", host, "POST", hooks, body(url, `["message_sent","message_sent"]`, firstSecret), "", 422, "kind_twice", "kinds", "kind_twice"},
		{"a short secret", host, "POST", hooks, body(url, kinds, firstSecret[:31]), "", 422, "secret_too_short", "secret", "secret_too_short"},
		{"a long secret", host, "POST", hooks, body(url, kinds, strings.Repeat("s", 201)), "", 422, "not_a_secret", "secret", "not_a_secret"},
		{"a secret with a space", host, "POST", hooks, body(url, kinds, firstSecret+" s"), "", 422, "not_a_secret", "secret", "not_a_secret"},
		{"a secret that is a number", host, "POST", hooks, `{"url":"` + url + `","kinds":["message_sent"],"secret":7}`, "", 422, "invalid_request", "secret", "wrong_type"},
		{"no secret", host, "POST", hooks, `{"url":"` + url + `","kinds":["message_sent"]}`, "", 422, "invalid_request", "secret", "required"},
		{"rotate to a short one", host, "PUT", hooks + "/" + id + "/secret", secretBody("short"), "", 422, "secret_too_short", "secret", "secret_too_short"},
		{"rotate what never was", host, "PUT", hooks + "/" + never + "/secret", secretBody(secondSecret), "", 404, "webhook_not_found", "", ""},
		{"rotate what has ended", host, "PUT", hooks + "/" + ended + "/secret", secretBody(secondSecret), "", 409, "webhook_ended", "", ""},
		{"delete what never was", host, "DELETE", hooks + "/" + never, "", "", 404, "webhook_not_found", "", ""},
		{"delete what is no id", host, "DELETE", hooks + "/webhook-" + id, "", "", 422, "invalid_parameter", "webhook", "wrong_format"},
	})
	if len(h.secrets) != kept {
		t.Errorf("a secret of what was refused is kept")
	}

	t.Run("where nothing is delivered", func(t *testing.T) {
		a := newAPI(h, New(h.log, Options{Logger: quiet}))
		a.refuse(t, []refusal{
			{"create", host, "POST", hooks, hookBody(url, firstSecret), "", 503, "no_delivery", "", ""},
			{"rotate", host, "PUT", hooks + "/" + id + "/secret", secretBody(secondSecret), "", 503, "no_delivery", "", ""},
			{"delete", host, "DELETE", hooks + "/" + id, "", "", 503, "no_delivery", "", ""},
			{"create by a person", as(lena), "POST", hooks, hookBody(url, firstSecret), "", 403, "platform_only", "", ""},
		})
	})
}

// A secret is in no event, beside no event, in no answer and in no log.
func TestASecretIsNowhereElse(t *testing.T) {
	h := newHouse(t)
	var logged bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a := newAPI(h, New(h.log, Options{Webhooks: &h.programs, Logger: logger}))
	url := receiver(t)
	got := a.do(host, "POST", "/v1/webhooks", hookBody(url, firstSecret), "Idempotency-Key", "k")
	if got.ID == nil {
		t.Fatal(got.text)
	}
	a.do(host, "PUT", "/v1/webhooks/"+got.ID.String()+"/secret", secretBody(secondSecret), "Idempotency-Key", "k")
	events := h.stream(webhook.Stream(*got.ID))
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	var in createWebhookIn
	in.Body.Secret = Secret(firstSecret)
	content, err := contentOf(in)
	if err != nil {
		t.Fatal(err)
	}
	in.Body.Secret = Secret(secondSecret)
	if other, _ := contentOf(in); other != content {
		t.Error("the hash of what was asked tells one secret from another")
	}
	text, _ := json.Marshal(in)
	logger.Info("asked", "in", in, "secret", in.Body.Secret)
	said := fmt.Sprintf("%s %s %v %+v %#v %s %q", got.text, text, in, in, in, logged.String(), in.Body.Secret)
	for _, e := range events {
		said += string(e.Data) + string(e.Metadata)
	}
	if strings.Contains(said, "firstfirst") || strings.Contains(said, "secondsecond") {
		t.Errorf("a secret is in %s", said)
	}
}

func TestEndWebhook(t *testing.T) {
	h := newHouse(t)
	a := newAPI(h, h.Service)
	id := a.hooked(receiver(t))
	wantCode(t, h.EndWebhook(t.Context(), uuid.New(), time.Now()), "webhook_not_found")
	for _, s := range []*Service{h.Service, h.service(h.log, nil)} {
		if err := s.EndWebhook(t.Context(), id, time.Now()); err != nil {
			t.Error(err)
		}
	}
	events := h.stream(webhook.Stream(id))
	last := events[len(events)-1]
	var ended webhook.Ended
	var m domain.Metadata
	if err := errors.Join(json.Unmarshal(last.Data, &ended), json.Unmarshal(last.Metadata, &m)); err != nil {
		t.Fatal(err)
	}
	if want := (webhook.Ended{Webhook: id, Reason: webhook.Gone}); len(events) != 2 || ended != want || m.Actor != System {
		t.Errorf("%d events, the last %+v by %s", len(events), ended, m.Actor)
	}
}

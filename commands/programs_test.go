package commands

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/webhook"
)

// programs is what the commands on webhooks need of delivery: targets are reached
// over the network, and secrets are kept in memory, one store for all processes.
type programs struct {
	mu      sync.Mutex
	reached int
	beside  func()             // happens once, while a target is being reached
	secrets map[uuid.UUID]kept // by their ids
}

type kept struct {
	webhook uuid.UUID
	secret  string
}

func (p *programs) Reach(ctx context.Context, target string) error {
	p.mu.Lock()
	p.reached++
	beside := p.beside
	p.beside = nil
	p.mu.Unlock()
	if beside != nil {
		beside()
	}
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return domain.Bad("url", "target_unreachable", "The target cannot be reached.")
	}
	return connection.Close()
}

func (p *programs) KeepSecret(_ context.Context, id, webhook uuid.UUID, secret string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.secrets[id]; ok && before != (kept{webhook, secret}) {
		return ErrOtherSecret
	}
	if p.secrets == nil {
		p.secrets = map[uuid.UUID]kept{}
	}
	p.secrets[id] = kept{webhook, secret}
	return nil
}

// signing is what would sign a delivery, newest first.
func (h *house) signing(id uuid.UUID) (secrets []string) {
	h.Helper()
	err := h.service(h.log, nil).webhooks.Look(h.Context(), webhook.Stream(id), func(w webhook.State) error {
		for _, id := range w.Secrets(h.now()) {
			secrets = append(secrets, h.secrets[id].secret)
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return secrets
}

// receiver is a program that can be told, and the URL where.
func receiver(t testing.TB) string {
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return s.URL + "/lobby"
}

var firstSecret, secondSecret, thirdSecret = strings.Repeat("first", 8), strings.Repeat("second", 8), strings.Repeat("third", 8)

func hookBody(url, secret string) string {
	body, _ := json.Marshal(map[string]any{"url": url, "kinds": []string{"message_sent", "request_submitted"}, "secret": secret})
	return string(body)
}

func secretBody(secret string) string { return `{"secret":"` + secret + `"}` }

// hooked is a new webhook.
func (a *api) hooked(url string) uuid.UUID {
	a.Helper()
	got := a.do(host, "POST", "/v1/webhooks", hookBody(url, firstSecret))
	if got.status != http.StatusCreated || got.ID == nil {
		a.Fatal(got.text)
	}
	return *got.ID
}

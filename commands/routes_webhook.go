package commands

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/catalogue"
	"lobby.example/domain/webhook"
	"lobby.example/httpapi"
)

// webhooksOf refuses everybody but the platform, and everybody where nothing is
// delivered.
func (s *Service) webhooksOf(c *call) error {
	if err := c.platformOnly(); err != nil {
		return err
	}
	if s.delivery == nil {
		return httpapi.NewProblem(http.StatusServiceUnavailable, "no_delivery", "This server delivers nothing to other programs.")
	}
	return nil
}

type createWebhookIn struct {
	KeyHeader
	Body struct {
		URL    string   `json:"url" doc:"where to: http or https, at most 2,000 characters"`
		Kinds  []string `json:"kinds" doc:"1 to 100 kinds of event, as in the event catalogue"`
		Secret Secret   `json:"secret" writeOnly:"true" doc:"signs what is sent: 32 to 200 characters, printable ASCII without spaces; never answered"`
	}
}

func (s *Service) createWebhook(ctx context.Context, c *call, in *createWebhookIn) (Execution, error) {
	if err := s.webhooksOf(c); err != nil {
		return nil, err
	}
	if err := webhook.CheckSecret(string(in.Body.Secret)); err != nil {
		return nil, err
	}
	id, err := s.newStream(ctx, c, webhook.Noun.Category)
	if err != nil {
		return nil, err
	}
	// It derives from the webhook's id, which stays the same for a retry after midnight.
	secret := secretID(id)
	create := webhook.Create{Webhook: id, URL: in.Body.URL, Kinds: in.Body.Kinds, Secret: secret, Known: knownKinds()}
	return keeping{
		execution: execution[webhook.State]{create, s.webhooks},
		delivery:  s.delivery,
		webhook:   id,
		secret:    in.Body.Secret,
		id:        func(uuid.UUID) uuid.UUID { return secret },
		target:    in.Body.URL,
	}, nil
}

type WebhookIn struct {
	KeyHeader
	Webhook uuid.UUID `path:"webhook" doc:"the webhook"`
}

type rotateWebhookSecretIn struct {
	WebhookIn
	Body struct {
		Secret Secret `json:"secret" writeOnly:"true" doc:"32 to 200 characters, printable ASCII without spaces; never answered"`
	}
}

func (s *Service) rotateWebhookSecret(_ context.Context, c *call, in *rotateWebhookSecretIn) (Execution, error) {
	if err := s.webhooksOf(c); err != nil {
		return nil, err
	}
	if err := webhook.CheckSecret(string(in.Body.Secret)); err != nil {
		return nil, err
	}
	secret := secretID(c.commandID(webhook.Stream(in.Webhook), c.at))
	rotate := webhook.RotateSecret{Webhook: in.Webhook, Secret: secret, At: c.at}
	return keeping{
		execution: execution[webhook.State]{rotate, s.webhooks},
		delivery:  s.delivery,
		webhook:   in.Webhook,
		secret:    in.Body.Secret,
		id:        secretID,
	}, nil
}

func (s *Service) deleteWebhook(_ context.Context, c *call, in *WebhookIn) (Execution, error) {
	return on(s.webhooks, webhook.End{Webhook: in.Webhook, Reason: webhook.Deleted}), s.webhooksOf(c)
}

// EndWebhook puts on the record that a webhook's target answered that it is gone.
// It may be asked for as often as one likes.
func (s *Service) EndWebhook(ctx context.Context, id uuid.UUID, now time.Time) error {
	_, err := s.webhooks.Execute(ctx, webhook.End{Webhook: id, Reason: webhook.Gone},
		Request{Command: uuid.NewSHA1(id, []byte("gone")), Actor: System, At: now})
	return err
}

// secretID is the id of a secret that comes with a command or a new webhook.
func secretID(of uuid.UUID) uuid.UUID { return uuid.NewSHA1(of, []byte("secret")) }

// knownKinds is every kind of event that there is.
func knownKinds() (kinds []string) {
	for _, category := range catalogue.Categories() {
		kinds = append(kinds, catalogue.Kinds(category)...)
	}
	return kinds
}

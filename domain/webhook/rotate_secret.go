package webhook

import (
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// RotateSecret replaces the secret by another that is kept already.
type RotateSecret struct {
	Webhook uuid.UUID
	Secret  uuid.UUID // the id under which it is kept
	At      time.Time
}

func (c RotateSecret) Stream() string { return Stream(c.Webhook) }

func (c RotateSecret) Decide(s State) ([]Event, error) {
	if err := s.checkActive(); err != nil {
		return nil, err
	}
	if s.Secret == c.Secret {
		return nil, nil
	}
	return []Event{SecretRotated{Webhook: c.Webhook, Secret: c.Secret, At: domain.MomentOf(c.At)}}, nil
}

// SecretRotated: another secret signs what is sent. Secret is its id.
type SecretRotated struct {
	Webhook uuid.UUID     `json:"webhook"`
	Secret  uuid.UUID     `json:"secret"`
	At      domain.Moment `json:"at"`
}

func (SecretRotated) Kind() string { return "webhook_secret_rotated" }

func (e SecretRotated) Evolve(s State) State {
	s.Secret, s.Previous, s.Rotated = e.Secret, s.Secret, e.At
	return s
}

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
	replaced := []Replaced{{Secret: s.Secret, At: e.At}} // newest first
	for _, r := range s.Replaced {
		if e.At.Sub(r.At.Time) < Overlap && r.Secret != e.Secret && len(replaced) < MostSecrets-1 {
			replaced = append(replaced, r)
		}
	}
	s.Secret, s.Replaced = e.Secret, replaced
	return s
}

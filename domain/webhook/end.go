package webhook

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// Reason says why a subscription ended.
type Reason string

const (
	Deleted Reason = "deleted" // by the platform
	Gone    Reason = "gone"    // as its target answered
)

// End ends a subscription for good.
type End struct {
	Webhook uuid.UUID
	Reason  Reason
}

func (c End) Stream() string { return Stream(c.Webhook) }

func (c End) Decide(s State) ([]Event, error) {
	switch {
	case c.Reason != Deleted && c.Reason != Gone:
		return nil, domain.Bad("reason", "unknown_reason", "A webhook ends as deleted or gone.")
	case !s.Created:
		return nil, notFound
	case !s.Active:
		return nil, nil
	}
	return []Event{Ended(c)}, nil
}

// Ended: the program is told nothing any more.
type Ended struct {
	Webhook uuid.UUID `json:"webhook"`
	Reason  Reason    `json:"reason"`
}

func (Ended) Kind() string { return "webhook_ended" }

func (e Ended) Evolve(s State) State {
	s.Active = false
	return s
}

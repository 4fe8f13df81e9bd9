package webhook

import (
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// Create subscribes a program whose secret is kept already. Creating the same once
// more does nothing.
type Create struct {
	Webhook uuid.UUID
	URL     string
	Kinds   []string
	Secret  uuid.UUID // the id under which it is kept
	Known   []string  // every kind of event that there is
}

func (c Create) Stream() string { return Stream(c.Webhook) }

func (c Create) Decide(s State) ([]Event, error) {
	if s.Created {
		switch {
		case !s.Active:
			return nil, ended
		case s.URL == c.URL && slices.Equal(s.Kinds, c.Kinds) && s.knows(c.Secret):
			return nil, nil
		}
		return nil, domain.Refuse(domain.Conflict, "already_created", "Another webhook was created here already.")
	}
	if err := checkURL(c.URL); err != nil {
		return nil, err
	}
	if err := checkKinds(c.Kinds, c.Known); err != nil {
		return nil, err
	}
	return []Event{Created{Webhook: c.Webhook, URL: c.URL, Kinds: slices.Clone(c.Kinds), Secret: c.Secret}}, nil
}

// Created: another program is told of some kinds of event from now on. Secret is the
// id of what signs them.
type Created struct {
	Webhook uuid.UUID `json:"webhook"`
	URL     string    `json:"url"`
	Kinds   []string  `json:"kinds"`
	Secret  uuid.UUID `json:"secret"`
}

func (Created) Kind() string { return "webhook_created" }

func (e Created) Evolve(s State) State {
	s.Created, s.Active, s.URL, s.Kinds, s.Secret = true, true, e.URL, e.Kinds, e.Secret
	return s
}

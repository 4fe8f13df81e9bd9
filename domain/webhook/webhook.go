// Package webhook is one subscription of another program: where it is told, and
// of which kinds of event.
//
//  1. The platform subscribes. A target is an http or https URL of at most 2,000
//     characters with a host, without a user and without a fragment.
//  2. It names 1 to 100 kinds of event, each of them one that there is, and none twice.
//  3. A secret signs what is sent: 32 to 200 characters, printable ASCII without
//     spaces. It is kept elsewhere. The stream has its id only.
//  4. A new secret takes the place of the one before. What is sent is signed with
//     those replaced within Overlap, too, the last MostSecrets of them all, so that the
//     receiver can change over without losing anything.
//  5. A subscription ends once: the platform deletes it, or its target answers that
//     it is gone. Nothing happens to it afterwards.
//
// It never connects to a target, and it does not know which kinds there are: both
// come from the edge.
package webhook

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// Overlap is how long what is sent is signed with the previous secret, too.
const Overlap = 24 * time.Hour

// State is what decisions need to know of a subscription, and a delivery too.
type State struct {
	Created  bool
	Active   bool // created, and not ended
	URL      string
	Kinds    []string
	Secret   uuid.UUID // the id under which it is kept
	Replaced []Replaced
}

// MostSecrets sign at most what is sent.
const MostSecrets = 5

// Replaced is a secret that was replaced within Overlap of the one after it.
type Replaced struct {
	Secret uuid.UUID
	At     domain.Moment
}

// Event is a fact about one subscription.
type Event = domain.Event[State]

// Facts is everything that can be in a subscription's stream.
var Facts = domain.All(
	domain.Of[Created],
	domain.Of[SecretRotated],
	domain.Of[Ended],
)

// Noun describes subscriptions to the rooms that load and store them.
var Noun = domain.Noun[State]{Category: "webhook", Version: 1, Facts: Facts}

// Stream names a subscription's stream.
func Stream(id uuid.UUID) string { return domain.StreamOf(Noun.Category, id) }

var (
	notFound = domain.Refuse(domain.NotFound, "webhook_not_found", "There is no such webhook.")
	ended    = domain.Refuse(domain.Conflict, "webhook_ended", "This webhook has ended.")
)

// Secrets are the ids of the secrets that sign what is sent now, the newest first
// (rule 4).
func (s State) Secrets(now time.Time) []uuid.UUID {
	ids := []uuid.UUID{s.Secret}
	for _, r := range s.Replaced {
		if now.Sub(r.At.Time) < Overlap {
			ids = append(ids, r.Secret)
		}
	}
	return ids
}

// knows reports whether a secret is, or was not long ago, the webhook's.
func (s State) knows(secret uuid.UUID) bool {
	return s.Secret == secret || slices.ContainsFunc(s.Replaced, func(r Replaced) bool { return r.Secret == secret })
}

// checkActive is rule 5, and that there is a subscription at all.
func (s State) checkActive() error {
	switch {
	case !s.Created:
		return notFound
	case !s.Active:
		return ended
	}
	return nil
}

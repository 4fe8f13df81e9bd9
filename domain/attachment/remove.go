package attachment

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// Reason says why a file was removed.
type Reason string

const (
	NeverBound Reason = "never_bound" // or only reserved, for an entry that was not written
	EntryGone  Reason = "entry_gone"  // its entry was deleted or removed
)

// Remove takes a file away for good. Only the system sends it.
type Remove struct {
	Attachment uuid.UUID
	Reason     Reason
	Bound      Binding // as the system saw it when it found the reason
}

func (c Remove) Stream() string { return Stream(c.Attachment) }

func (c Remove) Decide(s State) ([]Event, error) {
	switch {
	case c.Reason != NeverBound && c.Reason != EntryGone:
		return nil, domain.Bad("reason", "unknown_reason", "A file is removed as never_bound or entry_gone.")
	case !s.Uploaded:
		return nil, NotFound
	case s.Removed:
		return nil, nil
	case !s.Bound.Is(c.Bound):
		return nil, alreadyBound
	}
	return []Event{Removed{Attachment: c.Attachment, Reason: c.Reason}}, nil
}

// Removed: a file is gone; its bytes are about to be.
type Removed struct {
	Attachment uuid.UUID `json:"attachment"`
	Reason     Reason    `json:"reason"`
}

func (Removed) Kind() string { return "attachment_removed" }

func (e Removed) Evolve(s State) State {
	s.Removed = true
	return s
}

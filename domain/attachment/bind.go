package attachment

import (
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// Bind reserves a file for an entry that is about to be written.
type Bind struct {
	Attachment uuid.UUID
	By         uuid.UUID
	In         string // the entry's stream
	Entry      uuid.UUID
	At         time.Time
	Lapsed     bool // the entry that holds the file now is not in its stream
}

func (c Bind) Stream() string { return Stream(c.Attachment) }

func (c Bind) Decide(s State) ([]Event, error) {
	if !s.There() || s.Owner != c.By {
		return nil, NotFound
	}
	// There can be a newer reservation than the one that was looked at, so its age
	// counts too. A late retry renews its own, before another entry takes it.
	held := s.Bound.Entry != uuid.Nil && !(c.Lapsed && s.Bound.Lapsed(c.At))
	switch {
	case held && s.Bound.In(c.In, c.Entry):
		return nil, nil
	case held:
		return nil, alreadyBound
	}
	return []Event{Bound{Attachment: c.Attachment, By: c.By, Stream: c.In, Entry: c.Entry, At: domain.MomentOf(c.At)}}, nil
}

// Bound: a file belongs to an entry, or is reserved for it.
type Bound struct {
	Attachment uuid.UUID     `json:"attachment"`
	By         uuid.UUID     `json:"by"`
	Stream     string        `json:"stream"`
	Entry      uuid.UUID     `json:"entry"`
	At         domain.Moment `json:"at"`
}

func (Bound) Kind() string { return "attachment_bound" }

func (e Bound) Evolve(s State) State {
	s.Bound = Binding{Stream: e.Stream, Entry: e.Entry, At: e.At}
	return s
}

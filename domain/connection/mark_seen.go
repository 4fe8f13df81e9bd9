package connection

import (
	"github.com/google/uuid"

	"lobby.example/domain/thread"
)

// MarkSeen says that messages were displayed to one of the two (rule 7).
type MarkSeen struct {
	Connection uuid.UUID
	By         uuid.UUID
	Entries    []uuid.UUID
}

func (c MarkSeen) Stream() string { return Stream(c.Connection) }

func (c MarkSeen) Decide(s State) ([]Event, error) {
	if !s.Has(c.By) {
		return nil, NotFound
	}
	if err := thread.CheckSeen(c.Entries); err != nil {
		return nil, err
	}
	unseen := s.Thread.Unseen(c.By, c.Entries)
	if len(unseen) == 0 {
		return nil, nil
	}
	return []Event{MessagesSeen{By: c.By, Messages: unseen}}, nil
}

// MessagesSeen names the messages that were displayed for the first time to the
// one who had not written them.
type MessagesSeen struct {
	By       uuid.UUID   `json:"by"`
	Messages []uuid.UUID `json:"messages"`
}

func (MessagesSeen) Kind() string { return "messages_seen" }

func (e MessagesSeen) Evolve(s State) State {
	s.Thread = s.Thread.See(e.By, e.Messages)
	return s
}

// SeenBy tells the thread who saw what.
func (e MessagesSeen) SeenBy() (reader uuid.UUID, entries []uuid.UUID) { return e.By, e.Messages }

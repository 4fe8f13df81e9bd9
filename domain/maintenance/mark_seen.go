package maintenance

import (
	"github.com/google/uuid"

	"lobby.example/domain/thread"
)

// MarkSeen says that messages were displayed to a participant (rule 6).
type MarkSeen struct {
	Request uuid.UUID
	By      Participant
	Entries []uuid.UUID
}

func (c MarkSeen) Stream() string { return Stream(c.Request) }

func (c MarkSeen) Decide(s State) ([]Event, error) {
	if !s.Has(c.By) {
		return nil, NotFound
	}
	if err := thread.CheckSeen(c.Entries); err != nil {
		return nil, err
	}
	unseen := s.Thread.Unseen(c.By.Person, c.Entries)
	if len(unseen) == 0 {
		return nil, nil
	}
	return []Event{MessagesSeen{Request: c.Request, By: c.By.Person, Messages: unseen}}, nil
}

// MessagesSeen names the messages that were displayed for the first time to one
// of those for whom they waited.
type MessagesSeen struct {
	Request  uuid.UUID   `json:"request"`
	By       uuid.UUID   `json:"by"`
	Messages []uuid.UUID `json:"messages"`
}

func (MessagesSeen) Kind() string { return "maintenance_messages_seen" }

func (e MessagesSeen) Evolve(s State) State {
	s.Thread = s.Thread.See(e.By, e.Messages)
	return s
}

// SeenBy tells the thread who saw what.
func (e MessagesSeen) SeenBy() (reader uuid.UUID, entries []uuid.UUID) { return e.By, e.Messages }

package maintenance

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
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

// Forgotten: the state keeps no message that all have seen who could, and someone
// who came later may see it after them. Nor does it say who has seen one that still
// waits: someone who came back may have.
func (c MarkSeen) Forgotten(s State) bool {
	i := slices.IndexFunc(s.Shares, func(p Sharer) bool { return p.Person == c.By.Person })
	if i < 0 || !s.Shares[i].Late || !s.Has(c.By) || thread.CheckSeen(c.Entries) != nil {
		return false
	}
	return slices.ContainsFunc(c.Entries, func(entry uuid.UUID) bool {
		waiting, waits := s.Thread.Find(entry)
		return !waits || waiting.Seen
	})
}

// Recall has all of the history to go by, since a Late one sees all of it.
func (c MarkSeen) Recall(_ State, history iter.Seq[domain.Past[State]]) ([]Event, error) {
	unseen := thread.RecallUnseen(c.By.Person, c.Entries, history)
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

package maintenance

import (
	"iter"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// DeleteMessage takes a message back, which works only while no other participant
// has seen it (rule 6).
type DeleteMessage struct {
	Request uuid.UUID
	Message uuid.UUID
	By      Participant
}

func (c DeleteMessage) Stream() string { return Stream(c.Request) }

func (c DeleteMessage) Decide(s State) ([]Event, error) {
	if !s.Has(c.By) {
		return nil, NotFound
	}
	if err := s.Thread.CheckDelete(c.Message, c.By.Person); err != nil {
		return nil, err
	}
	return []Event{MessageDeleted{
		Request: c.Request,
		Message: c.Message,
		By:      c.By.Person,
		To:      s.others(c.By.Person),
	}}, nil
}

// Forgotten: the state keeps no message that all have seen or that was deleted,
// and does not say who saw one first.
func (c DeleteMessage) Forgotten(s State) bool { return s.Has(c.By) && !s.Thread.Deletable(c.Message) }

func (c DeleteMessage) Recall(_ State, history iter.Seq[domain.Past[State]]) ([]Event, error) {
	return nil, thread.RecallDelete(c.Stream(), c.Message, c.By.Person, history)
}

// MessageDeleted: the author has taken the message back before anybody else saw it.
type MessageDeleted struct {
	Request uuid.UUID   `json:"request"`
	Message uuid.UUID   `json:"message"`
	By      uuid.UUID   `json:"by"`
	To      []uuid.UUID `json:"to,omitempty"` // nobody where the request is not shared
}

func (MessageDeleted) Kind() string { return "maintenance_message_deleted" }

func (e MessageDeleted) Evolve(s State) State {
	s.Thread = s.Thread.Remove(e.Message)
	return s
}

// Deleted tells the thread what is gone.
func (e MessageDeleted) Deleted() uuid.UUID { return e.Message }

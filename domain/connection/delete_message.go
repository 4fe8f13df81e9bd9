package connection

import (
	"iter"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// DeleteMessage takes a message back, which works only while the other one has
// not seen it.
type DeleteMessage struct {
	Connection uuid.UUID
	Message    uuid.UUID
	By         uuid.UUID
}

func (c DeleteMessage) Stream() string { return Stream(c.Connection) }

func (c DeleteMessage) Decide(s State) ([]Event, error) {
	if !s.Has(c.By) {
		return nil, NotFound
	}
	if err := s.Thread.CheckDelete(c.Message, c.By); err != nil {
		return nil, err
	}
	return []Event{MessageDeleted{Message: c.Message, By: c.By, To: s.Other(c.By).Person}}, nil
}

// Forgotten: the state keeps no message that was seen or deleted.
func (c DeleteMessage) Forgotten(s State) bool { return s.Has(c.By) && !s.Thread.Deletable(c.Message) }

func (c DeleteMessage) Recall(_ State, history iter.Seq[domain.Past[State]]) ([]Event, error) {
	return nil, thread.RecallDelete(c.Stream(), c.Message, c.By, history)
}

// MessageDeleted: the author has taken the message back before anybody saw it.
type MessageDeleted struct {
	Message uuid.UUID `json:"message"`
	By      uuid.UUID `json:"by"`
	To      uuid.UUID `json:"to"`
}

func (MessageDeleted) Kind() string { return "message_deleted" }

func (e MessageDeleted) Evolve(s State) State {
	s.Thread = s.Thread.Remove(e.Message)
	return s
}

// Deleted tells the thread what is gone.
func (e MessageDeleted) Deleted() uuid.UUID { return e.Message }

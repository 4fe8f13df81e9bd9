package connection

import (
	"github.com/google/uuid"

	"lobby.example/domain/thread"
)

// SendMessage writes to the other one of the two (rule 3).
type SendMessage struct {
	Connection  uuid.UUID
	Message     uuid.UUID
	From        uuid.UUID
	Text        string
	Attachments []uuid.UUID
	EmailCopy   bool
}

func (c SendMessage) Stream() string { return Stream(c.Connection) }

func (c SendMessage) Decide(s State) ([]Event, error) {
	if !s.Has(c.From) {
		return nil, NotFound
	}
	if err := thread.CheckContent(c.Text, c.Attachments); err != nil {
		return nil, err
	}
	if s.Status != Connected {
		return nil, notConnected
	}
	return []Event{MessageSent{
		Message:     c.Message,
		From:        c.From,
		To:          s.Other(c.From).Person,
		Text:        c.Text,
		Attachments: c.Attachments,
		EmailCopy:   c.EmailCopy,
	}}, nil
}

// MessageSent: one of the two has written to the other.
type MessageSent struct {
	Message     uuid.UUID   `json:"message"`
	From        uuid.UUID   `json:"from"`
	To          uuid.UUID   `json:"to"`
	Text        string      `json:"text"`
	Attachments []uuid.UUID `json:"attachments,omitempty"`
	EmailCopy   bool        `json:"email_copy,omitempty"`
}

func (MessageSent) Kind() string { return "message_sent" }

func (e MessageSent) Evolve(s State) State {
	s.Thread = s.Thread.Add(thread.Entry{ID: e.Message, Author: e.From, For: s.only(e.To)})
	return s
}

// only lists one reader. Messages between the same two share the list, since it
// is never changed in place.
func (s State) only(reader uuid.UUID) []uuid.UUID {
	if n := len(s.Thread.Waiting); n > 0 {
		if last := s.Thread.Waiting[n-1].For; len(last) == 1 && last[0] == reader {
			return last
		}
	}
	return []uuid.UUID{reader}
}

// Entry tells the thread what was written by whom.
func (e MessageSent) Entry() (entry, author uuid.UUID) { return e.Message, e.From }

package maintenance

import (
	"github.com/google/uuid"

	"lobby.example/domain/thread"
)

// SendMessage writes to every other participant (rule 5).
type SendMessage struct {
	Request     uuid.UUID
	Message     uuid.UUID
	By          Participant
	Text        string
	Attachments []uuid.UUID
}

func (c SendMessage) Stream() string { return Stream(c.Request) }

func (c SendMessage) Decide(s State) ([]Event, error) {
	if !s.Has(c.By) {
		return nil, NotFound
	}
	if err := thread.CheckContent(c.Text, c.Attachments); err != nil {
		return nil, err
	}
	if !s.Status.Open() {
		return nil, closed
	}
	return []Event{MessageSent{
		Request:     c.Request,
		Message:     c.Message,
		From:        c.By.Person,
		To:          s.others(c.By.Person),
		Text:        c.Text,
		Attachments: c.Attachments,
	}}, nil
}

// MessageSent: a participant has written to all others.
type MessageSent struct {
	Request     uuid.UUID   `json:"request"`
	Message     uuid.UUID   `json:"message"`
	From        uuid.UUID   `json:"from"`
	To          []uuid.UUID `json:"to,omitempty"` // nobody where it is not shared yet
	Text        string      `json:"text"`
	Attachments []uuid.UUID `json:"attachments,omitempty"`
}

func (MessageSent) Kind() string { return "maintenance_message_sent" }

func (e MessageSent) Evolve(s State) State {
	s.Thread = s.Thread.Add(thread.Entry{ID: e.Message, Author: e.From, For: e.To})
	return s
}

// Entry tells the thread what was written by whom.
func (e MessageSent) Entry() (entry, author uuid.UUID) { return e.Message, e.From }
